"""`complete(job)`: what is to be done once an output, a failure or a deadline may have come.

Called by the notices' queue and by the sweeper, any number of times, in any order, by several at
once. The output in S3 is the truth; a notice only says when to look.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from functions.inference import files
from functions.inference.jobs import ending, store
from functions.inference.jobs.job import Job, ResultFile
from functions.inference.settings import settings
from functions.inference.tasks.known import TASKS
from functions.inference.tasks.task import MalformedOutput, Produced, ProducedFile
from sluice import clock, json_text
from sluice.catalog import Card, get_card
from sluice.log import logger
from sluice.moderation import S3Image, Source, Verdict, joined, screen_image, screen_text
from sluice.prices import Prices
from sluice.units import REQUEST

INLINE_RESULT_BYTES = 4_096
"""Up to here a result is cheaper in the job's own item than as an object of its own."""
MARK_CHARS = 8
MAX_CODE_CHARS, MAX_REASON_CHARS = 60, 300
ERROR_SUFFIX = "-error.out"
"""How SageMaker names what a container answered when it failed."""


@dataclass(frozen=True, slots=True)
class Failure:
    """SageMaker's word that the model did not answer. `reason` is its own sentence, for the log;
    `location` is where the container's error body lies, when the notice says so."""

    reason: str
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What lies where links can lead: files, or a JSON result inline or under a name."""

    inline: str | None = None
    name: str | None = None
    files: tuple[ResultFile, ...] = ()


def complete(job_id: str, failure: Failure | None = None) -> Job | None:
    """Bring the job to its end if its output or a failure is there; gives it as it is now, None
    when there is no such job. Raises ScreeningUnavailable while the output cannot be screened:
    then nothing left the platform, and the caller comes again."""
    job = store.find_job(job_id)
    if job is None:
        return None
    if job.has_ended:
        _drop_late_output(job)
        return job
    try:
        output = files.find_object(files.output_key(job.id))
    except files.TooLarge:
        return ending.fail(job, "malformed_output", "The model's answer was too large.")
    if output is not None and _is_too_late(job):
        return ending.expire(job, is_answered=True)
    if output is not None:
        return _finish(job, output)
    if failure is not None:
        return _fail(job, failure)
    return job


def _is_too_late(job: Job) -> bool:
    """By the caller's own deadline; our own only ends what would be open for ever."""
    return job.deadline_s is not None and clock.now_ms() >= job.deadline_ms


def _finish(job: Job, output: files.Object) -> Job:
    card = get_card(job.model)
    try:
        produced = TASKS[job.task].interpret(card, output.content, job.facts)
    except MalformedOutput:
        logger.exception("the model's output has no known form", extra={"job": job.id})
        return ending.fail(job, "malformed_output", "The model's answer could not be read.")
    verdict = _screen(card, job, produced)
    if verdict is not None and verdict.action == "block":
        blocked = ending.block(job, "output", verdict)
        files.delete([files.output_key(job.id)])
        return blocked
    published = _publish(job, produced, output)
    usage = {**REQUEST, **produced.usage}
    ended = ending.end(
        job,
        "succeeded",
        charge_nanos=_charge(job, usage),
        usage=usage,
        result=published.inline,
        result_name=published.name,
        files=[_file_item(file) for file in published.files] or None,
        verdict=("output", verdict) if verdict else None,
    )
    _drop_late_output(ended)
    _drop_rival(ended, published)
    return ended


def _screen(card: Card, job: Job, produced: Produced) -> Verdict | None:
    if card.screens_output == "none":
        return None
    verdicts = [_screen_file(job, made) for made in produced.files if made.file.is_picture]
    if produced.text is not None:
        verdicts.append(screen_text(produced.text, Source.OUTPUT))
    return joined(verdicts)


def _screen_file(job: Job, made: ProducedFile) -> Verdict:
    if made.content is not None:
        return screen_image(made.content, Source.OUTPUT)
    picture = S3Image(settings().files_bucket, files.output_key(job.id))
    return screen_image(picture, Source.OUTPUT)


def _charge(job: Job, usage: Mapping[str, int]) -> int:
    """By the prices of acceptance, and never above the hold: more usage than the worst case is our
    error, not the customer's."""
    nanos = Prices.of(job.prices).charge_nanos(usage)
    if nanos > job.held_nanos:
        logger.error("usage exceeds the hold", extra={"job": job.id, "nanos": nanos})
    return min(nanos, job.held_nanos)


def _publish(job: Job, produced: Produced, output: files.Object) -> Published:
    """Put what moderation allowed under `results/`, the only place that links lead to; a small JSON
    result goes into the job itself. Raises Unavailable when another output took the screened one's
    place meanwhile.

    Names are marked with the output that they came from: of two runs that answer, the one that
    ends the job is the one that it shows, whatever the other still writes."""
    mark = hashlib.sha256(output.content).hexdigest()[:MARK_CHARS]
    kept = tuple(_publish_file(job, made, mark, output.etag) for made in produced.files)
    if kept:
        return Published(files=kept)
    text = json.dumps(produced.result)
    if len(text) <= INLINE_RESULT_BYTES:
        return Published(inline=text)
    name = _marked(files.RESULT_NAME, mark)
    files.put(files.result_key(job.id, name), text.encode(), "application/json")
    return Published(name=name)


def _publish_file(job: Job, made: ProducedFile, mark: str, etag: str) -> ResultFile:
    file = replace(made.file, name=_marked(made.file.name, mark))
    target = files.result_key(job.id, file.name)
    if made.content is None:
        files.copy(files.output_key(job.id), target, file.content_type, etag)
    else:
        files.put(target, made.content, file.content_type)
    return file


def _marked(name: str, mark: str) -> str:
    stem, _, extension = name.rpartition(".")
    return f"{stem}-{mark}.{extension}"


def _drop_rival(ended: Job, published: Published) -> None:
    """Of another run's output, which ended the job first, ours is not shown and must not stay."""
    shown = {file.name for file in ended.files} | {ended.result_name}
    ours = {file.name for file in published.files} | {published.name}
    strangers = sorted(name for name in ours - shown if name)
    files.delete(files.result_key(ended.id, name) for name in strangers)


def _file_item(file: ResultFile) -> dict[str, object]:
    facts = {name: getattr(file, name) for name in file.__slots__}
    return {name: value for name, value in facts.items() if value is not None}


def _fail(job: Job, failure: Failure) -> Job:
    logger.warning("inference failed", extra={"job": job.id, "reason": failure.reason})
    code, message = _container_error(job, failure)
    return ending.fail(job, code, message)


def _container_error(job: Job, failure: Failure) -> tuple[str, str]:
    """What the container itself said, `{"error": {"code", "message"}}`, or a general sentence."""
    unknown = "inference_failed", "The model failed; nothing was charged. Try again."
    body = _failure_body(job, failure)
    try:
        error = json_text.parse(body or b"")["error"]
        code, message = error["code"], error["message"]
    except (json_text.NotJson, LookupError, TypeError):
        return unknown
    if not isinstance(code, str) or not isinstance(message, str):
        return unknown
    return code[:MAX_CODE_CHARS], message[:MAX_REASON_CHARS]


def _failure_body(job: Job, failure: Failure) -> bytes | None:
    """From the job's own folder alone, whatever the notice says; not every notice says where."""
    folder = f"raw/{job.id}/"
    if failure.location is None:
        key = next((name for name in files.list_keys(folder) if name.endswith(ERROR_SUFFIX)), None)
    else:
        _, found, name = failure.location.partition(f"/{folder}")
        key = folder + name if found else None
    try:
        return files.find(key) if key else None
    except files.TooLarge:
        return None


def _drop_late_output(job: Job) -> None:
    """An output that came after the end, or was published by a handler that came second, must not
    stay: only a job that succeeded and was not deleted keeps files."""
    if job.status != "succeeded" or job.deleted:
        files.delete_job(job.id)
