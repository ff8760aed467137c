"""From an accepted job to its model's queue: screen the input, then `InvokeEndpointAsync`.

The first attempt follows acceptance; the sweeper repeats it, under a lease, for a job of which
nothing was heard. Both send the same output name, so a second run overwrites the first.
"""

from botocore.exceptions import BotoCoreError, ClientError

from functions.inference import files
from functions.inference.jobs import ending
from functions.inference.jobs.job import Job
from functions.inference.settings import Endpoint, get_endpoint
from functions.inference.tasks.known import TASKS
from sluice import aws
from sluice.catalog import get_card
from sluice.errors import ScreeningUnavailable, Unscreenable
from sluice.log import logger
from sluice.moderation import Source, Verdict, screen_image, screen_text

SILENCE_S = 60
"""How long an awake endpoint may say nothing before a job is sent again."""
MAX_RESENDS = 2
SCREENING_RETRIES_S = 300
SLACK_S = 60
MIN_QUEUE_TTL_S, MAX_QUEUE_TTL_S = 60, 21_600
QUEUE_TTL_WAKES = 3
"""A request may wait for a few wake-ups of the endpoint before SageMaker drops it."""
QUEUE_TTL_BASE_S = 300
_NO_SUCH_ENDPOINT = {"ValidationError", "ValidationException"}


def queue_ttl_s(endpoint: Endpoint) -> int:
    wanted = QUEUE_TTL_BASE_S + QUEUE_TTL_WAKES * endpoint.wake_s
    return max(MIN_QUEUE_TTL_S, min(MAX_QUEUE_TTL_S, wanted))


def silence_s(endpoint: Endpoint) -> int:
    """A waking endpoint is silent too: a second run before it could answer would only cost."""
    return SILENCE_S + endpoint.wake_s


def lifetime_s(endpoint: Endpoint) -> int:
    """How long a job may stay open: longer than everything that can still produce its output, or
    a result could arrive for a hold that was given back."""
    sending_s = (MAX_RESENDS + 1) * silence_s(endpoint)
    working_s = queue_ttl_s(endpoint) + endpoint.timeout_s
    return sending_s + working_s + SCREENING_RETRIES_S + SLACK_S


def send(job: Job, payload: bytes) -> Job:
    """Screen and invoke. A block ends the job uncharged; a classifier or queue that does not
    answer leaves it open for the sweeper. Gives the job as it is now."""
    try:
        if job.input is None:
            # First what a later attempt needs, so that a crash loses nothing.
            files.put(files.input_key(job.id), payload, "application/json")
        verdict = _screen(job, payload)
        if verdict is not None and verdict.action == "block":
            return ending.block(job, "input", verdict)
        return _invoke(job, payload)
    except Unscreenable as error:
        return ending.fail(job, error.machine_code, error.detail)
    except (ScreeningUnavailable, BotoCoreError, ClientError):
        logger.exception("the job waits for the sweeper")
        return job


def send_again(job: Job) -> Job:
    """`send`, from what was kept of the input."""
    kept = job.input.encode() if job.input is not None else files.find(files.input_key(job.id))
    if kept is None:
        return ending.fail(job, "input_lost", "The input was not stored; please send it again.")
    return send(job, kept)


def _screen(job: Job, payload: bytes) -> Verdict | None:
    """None where the card's input needs no screening."""
    if get_card(job.model).screens_input == "none":
        return None
    content = TASKS[job.task].to_screen(payload)
    if isinstance(content, str):
        return screen_text(content, Source.INPUT)
    return screen_image(content, Source.INPUT)


def _invoke(job: Job, payload: bytes) -> Job:
    """Queue the job at its endpoint. An endpoint that does not exist fails the job, uncharged."""
    endpoint = get_endpoint(job.model)
    source = (
        {"Body": payload}
        if job.input is not None
        else {"InputLocation": files.location(files.input_key(job.id))}
    )
    try:
        aws.client("sagemaker-runtime").invoke_endpoint_async(
            EndpointName=endpoint.name,
            ContentType="application/json",
            InferenceId=job.id,
            S3OutputPathExtension=job.id,
            Filename=files.OUTPUT_NAME,
            RequestTTLSeconds=queue_ttl_s(endpoint),
            InvocationTimeoutSeconds=endpoint.timeout_s,
            **source,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NO_SUCH_ENDPOINT:
            raise
        logger.exception("the endpoint refused the invocation")
        return ending.fail(job, "endpoint_unavailable", "The model's endpoint is not available.")
    return job
