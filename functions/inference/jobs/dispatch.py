"""From an accepted job to its model's queue: screen the input, then `InvokeEndpointAsync`.

The first attempt follows acceptance; the sweeper repeats it, under a lease, for a job of which
nothing was heard. Both send the same output name, so a second run overwrites the first.
"""

from functions.inference import endpoints, files
from functions.inference.jobs import ending, store
from functions.inference.jobs.job import Job
from functions.inference.settings import Endpoint, get_endpoint
from functions.inference.tasks.known import TASKS
from sluice import clock
from sluice.catalog import get_card
from sluice.errors import SluiceError
from sluice.log import logger
from sluice.moderation import Source, Verdict, joined, screen_image, screen_text

SILENCE_S = 60
"""How long an awake endpoint may say nothing before a job is sent again."""
MAX_RESENDS = 2
SCREENING_RETRIES_S = 300
SLACK_S = 60
SERVER_ERROR = 500


def silence_s(endpoint: Endpoint) -> int:
    """A waking endpoint is silent too: a second run before it could answer would only cost."""
    return SILENCE_S + endpoint.wake_s


def lifetime_s(endpoint: Endpoint) -> int:
    """How long a job may stay open: longer than everything that can still produce its output, or
    a result could arrive for a hold that was given back."""
    sending_s = (MAX_RESENDS + 1) * silence_s(endpoint)
    working_s = endpoints.queue_ttl_s(endpoint) + endpoint.timeout_s
    return sending_s + working_s + SCREENING_RETRIES_S + SLACK_S


def slot_until_ms(endpoint: Endpoint) -> int:
    """Until when a job that gets its slot now may be in its model's hands."""
    return clock.now_ms() + lifetime_s(endpoint) * clock.MS_PER_S


def look_ms(job: Job) -> int:
    """When the sweeper should first look at a job: once it is silent, or is to end. One that waits
    costs nothing before its deadline."""
    if job.is_waiting:
        return job.deadline_ms
    return min(job.deadline_ms, job.sent_ms + SILENCE_S * clock.MS_PER_S)


def send(job: Job, payload: bytes) -> Job:
    """Screen and invoke; gives the job as it is now. What can never pass ends it, uncharged.
    Raises Unavailable or a botocore error when a classifier or the queue did not answer: the job
    stays open, and the sweeper sends it again."""
    keep_input(job, payload)
    try:
        verdict = _screen(job, payload)
    except SluiceError as error:
        if error.status >= SERVER_ERROR:
            raise
        return ending.fail(job, error.machine_code, error.detail)
    if verdict is not None and verdict.action == "block":
        return ending.block(job, "input", verdict)
    if verdict is not None and verdict.action == "flag":
        store.note_verdict(job, "input", verdict).send()
    return _invoke(job, payload)


def send_again(job: Job) -> Job:
    """`send`, from what was kept of the input."""
    kept = kept_input(job)
    if kept is None:
        return ending.fail(job, "input_lost", "The input was not stored; please send it again.")
    return send(job, kept)


def kept_input(job: Job) -> bytes | None:
    return job.input.encode() if job.input is not None else files.find(files.input_key(job.id))


def keep_input(job: Job, payload: bytes) -> None:
    """Store what a later attempt needs, so that a crash loses nothing."""
    if job.input is None:
        files.put(files.input_key(job.id), payload, "application/json")


def _screen(job: Job, payload: bytes) -> Verdict | None:
    """None where the card's input needs no screening."""
    if get_card(job.model).screens_input == "none":
        return None
    parts = TASKS[job.task].to_screen(payload)
    return joined([_screen_part(part) for part in parts])


def _screen_part(part: str | bytes) -> Verdict:
    if isinstance(part, str):
        return screen_text(part, Source.INPUT)
    return screen_image(part, Source.INPUT)


def _invoke(job: Job, payload: bytes) -> Job:
    """Queue the job at its endpoint. An endpoint that does not exist fails the job, uncharged."""
    try:
        endpoints.invoke(
            get_endpoint(job.model), job.id, payload if job.input is not None else None
        )
    except endpoints.NoSuchEndpoint:
        logger.exception("the endpoint refused the invocation")
        return ending.fail(job, "endpoint_unavailable", "The model's endpoint is not available.")
    return job
