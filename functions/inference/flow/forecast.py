"""What whoever waits may expect: an estimate by what a model's card says of it, as if the account
were alone there. What nobody knows is None, not a guess."""

from botocore.exceptions import BotoCoreError, ClientError

from functions.inference import endpoints
from functions.inference.flow import store
from functions.inference.flow.outlook import UNKNOWN, Outlook
from functions.inference.flow.service import position_of
from functions.inference.flow.store import Flow
from functions.inference.jobs.job import Job
from functions.inference.settings import Endpoint, served_models
from sluice import clock
from sluice.log import logger


def of_job(job: Job, slots: int) -> Outlook:
    """Of a job of an account that has so many slots at a model. One more read while it waits, or
    while its endpoint wakes; where that fails, nothing is known."""
    endpoint = served_models().get(job.model)
    if job.has_ended or endpoint is None:
        return UNKNOWN
    try:
        return _of_waiting(job, endpoint, slots) if job.is_waiting else _of_sent(job, endpoint)
    except (BotoCoreError, ClientError):
        logger.exception("a job is shown without its outlook")
        return UNKNOWN


def of_next(endpoint: Endpoint, flow: Flow, slots: int) -> Outlook:
    """Of a job that would be sent now."""
    must_wait = flow.waiting > 0 or len(flow.slots) >= slots
    begins_s = _begins_s(endpoint, len(flow.slots) + flow.waiting, clock.now_ms())
    return _ending(endpoint, flow.waiting + 1 if must_wait else None, begins_s)


def _of_waiting(job: Job, endpoint: Endpoint, slots: int) -> Outlook:
    position = position_of(job)
    if position is None:
        return UNKNOWN
    begins_s = _begins_s(endpoint, slots + position - 1, job.created_ms)
    return _ending(endpoint, position, begins_s)


def _of_sent(job: Job, endpoint: Endpoint) -> Outlook:
    """Nobody tells when the model began with it; what takes longer than usual is not guessed at."""
    if not endpoints.is_awake(endpoint):
        return _ending(endpoint, None, _begins_s(endpoint, _sent_before(job), job.sent_ms))
    left_s = (endpoint.typical_s or 0) - _since_s(job.sent_ms)
    return Outlook(eta_s=left_s if left_s > 0 else None)


def _sent_before(job: Job) -> int:
    """How many of the account's were sent before it. All slots last as long, so they sort by when
    they were taken."""
    slots = store.find_flow(job.account, job.model).slots
    return sum(one < store.slot(job) for one in slots) if job.slot_until_ms else 0


def _begins_s(endpoint: Endpoint, ahead: int, asked_ms: int) -> int | None:
    """Once the endpoint has woken, for which somebody asked at `asked_ms`, and has worked at what
    is `ahead`."""
    wakes_s = 0 if endpoints.is_awake(endpoint) else endpoint.wake_s - _since_s(asked_ms)
    rounds = ahead // endpoint.concurrency
    is_overdue = wakes_s < 0
    if is_overdue or (rounds and endpoint.typical_s is None):
        return None
    return wakes_s + rounds * (endpoint.typical_s or 0)


def _ending(endpoint: Endpoint, position: int | None, begins_s: int | None) -> Outlook:
    if begins_s is None or endpoint.typical_s is None:
        return Outlook(position, begins_s)
    return Outlook(position, begins_s, begins_s + endpoint.typical_s)


def _since_s(at_ms: int) -> int:
    """Clocks may disagree by a little."""
    return max(0, clock.now_ms() - at_ms) // clock.MS_PER_S
