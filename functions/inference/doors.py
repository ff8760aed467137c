"""The synchronous doors: a job behind a request that waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from boto3.dynamodb.conditions import Attr

from functions.inference.jobs import ending, store
from functions.inference.jobs import service as jobs
from functions.inference.jobs.job import Job
from functions.inference.jobs.submission import Order, Submitted, check, submit
from functions.inference.models import service as models
from sluice import clock
from sluice.catalog import get_card
from sluice.errors import InferenceFailed, InvalidInput, NotFound, Unavailable
from sluice.principal import Principal

JOIN_WINDOW_MS = 60_000
MAX_JOIN_CANDIDATES = 100
MAX_ATTEMPTS_PER_KEY = 10
RETRY_AFTER_S = 5
_OUR_FAULTS = {"inference_failed", "malformed_output", "endpoint_unavailable", "input_lost"}


@dataclass(frozen=True, slots=True)
class Retry:
    """How the client asks again: by its own key, or by counting (`X-Stainless-Retry-Count`)."""

    idempotency_key: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The ended job and its JSON result, empty when the answer is files; `replayed` when an earlier
    request made the job."""

    job: Job
    result: Mapping[str, Any]
    replayed: bool


async def run(
    principal: Principal, task: str, model: str, given: Mapping[str, Any], route: str, retry: Retry
) -> Answered:
    """Submit a job and wait for its end. Raises what `submit` raises; ModelWaking; Unavailable
    `timeout` when no answer came in time (the job is then cancelled, uncharged); InvalidInput for a
    block or for what the model refused; InferenceFailed for our own faults."""
    card = get_card(model)
    if card.task != task:
        raise InvalidInput(f"{card.id} does {card.task}, not {task}.", code="wrong_task")
    order = Order(model, given, route, retry.idempotency_key)
    if models.sleeps_longer(card, jobs.MAX_WAIT_S):
        check(principal, order)
        raise models.wake(card)
    earlier = _earlier(principal, order) if retry.count > 0 else None
    submitted = Submitted(earlier, replayed=True) if earlier else _submit(principal, order)
    job = await jobs.wait(submitted.job, jobs.MAX_WAIT_S)
    if not job.has_ended:
        job = ending.cancel(job)
    return Answered(job, _result(job), submitted.replayed)


def _submit(principal: Principal, order: Order) -> Submitted:
    """A job for this request. What ended without an answer is not remembered: here that was a
    refusal, so the same key may try again, as another job."""
    submitted = submit(principal, order)
    for attempt in range(1, MAX_ATTEMPTS_PER_KEY):
        if not submitted.replayed or not _is_unanswered(submitted.job):
            break
        again = f"{order.idempotency_key}#{attempt}"
        submitted = submit(principal, replace(order, idempotency_key=again))
    if submitted.delayed:
        return replace(submitted, job=ending.cancel(submitted.job))
    return submitted


def _is_unanswered(job: Job) -> bool:
    code = job.error["code"] if job.error else None
    return job.status in ("canceled", "expired") or code in _OUR_FAULTS


def _earlier(principal: Principal, order: Order) -> Job | None:
    """The first job of a request that its client repeats, unless that was given up."""
    recent, _ = store.list_jobs(
        principal.account,
        Attr("body_hash").eq(order.body_hash) & Attr("credential").eq(principal.credential),
        MAX_JOIN_CANDIDATES,
        since_ms=clock.now_ms() - JOIN_WINDOW_MS,
    )
    return next((job for job in recent if job.status in ("accepted", "succeeded")), None)


def _result(job: Job) -> Mapping[str, Any]:
    if job.status == "canceled":
        raise Unavailable(
            "No answer came in time; the request was cancelled and nothing was charged. Try "
            "again, or submit a job to /v1/inference/jobs.",
            code="timeout",
            retry_after_s=RETRY_AFTER_S,
        )
    if job.error is not None:
        code, message = job.error["code"], job.error["message"]
        if code in _OUR_FAULTS or job.status == "expired":
            raise InferenceFailed(message, code=code)
        raise InvalidInput(message, code=code)
    result = {} if job.files else jobs.read_result(job)
    if result is None:
        raise NotFound("The result of this request was deleted.", code="result_deleted")
    return result
