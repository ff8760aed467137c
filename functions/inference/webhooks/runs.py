"""One run of a lane: the next few deliveries to one receiver, side by side, and what came of them.

A run sends at most `MAX_IN_FLIGHT` requests and lasts one time-out, so a receiver that hangs costs
others nothing and us one worker for that long; it then rests, longer each time.
A run that dies is made up for once its lease has ended: deliveries come at least once.
"""

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from functions.inference.jobs.job import Job
from functions.inference.jobs.store import find_job
from functions.inference.webhooks import lanes, payload, sender, signing, store, trust
from functions.inference.webhooks.delivery import (
    MAX_SHOWN_ATTEMPTS,
    SCHEDULE_S,
    Delivery,
    Lane,
    LaneLeft,
    next_try_ms,
)
from functions.inference.webhooks.hooks import Hooks, disable, get_hooks
from functions.inference.webhooks.sender import Letter, Outcome
from functions.inference.webhooks.store import LaneBusy, LaneChanged, LaneContended
from sluice import clock, standing
from sluice.errors import NotFound, SluiceError
from sluice.log import logger
from sluice.table import Transaction

MAX_IN_FLIGHT = 8
MAX_SEEN = 25
"""Of a lane's deliveries, so many are looked at to find those that are due."""
REST_FIRST_S, REST_MAX_S = 5, 300
"""How long a receiver that is out of order is left alone, doubled with each run that finds it
so."""
MAX_REST_ASKED_S = 3_600
LAG_S = 2
"""How long an index may take to show a delivery, as far as this code plans for it."""
AGAIN_S = 1
SOON_S = 60
"""What is due within this the queue itself brings back; the sweep brings the rest."""
_THROTTLED = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
_HEADERS = {"Content-Type": "application/json", "User-Agent": "Sluice-Webhooks/1"}
_UNRENDERABLE = (SluiceError, LookupError, TypeError, ValueError)
"""What a delivery may meet whose job, model or rules have changed since."""

type Attempt = tuple[Delivery, Outcome]


def run(lane_id: str, named: str | None = None) -> int:
    """Deliver what is due in a lane; gives how many attempts were made. `named` is a delivery that
    an index may not show yet."""
    try:
        lane = store.take(lane_id)
    except LaneBusy:
        return 0
    except LaneContended:
        lanes.wake(lane_id, named, delay_s=AGAIN_S)
        return 0
    logger.append_keys(account=lane.account, lane=lane.id)
    seen, has_more = store.list_pending(lane, MAX_SEEN)
    pending, others = _as_they_are(lane, seen, named)
    due = [one for one in pending if one.due_ms <= clock.now_ms()][:MAX_IN_FLIGHT]
    attempts = _post(due, lane) if due else []
    after = {one.id: _after(one, outcome) for one, outcome in attempts}
    lane = _judge(lane, attempts)
    known = [after.get(one.id, one) for one in [*pending, *others]]
    left = _left(lane, attempts, known, has_more=has_more)
    _commit(lane, [(one, after[one.id]) for one, _ in attempts], left)
    return len(attempts)


def _as_they_are(
    lane: Lane, seen: Sequence[Delivery], named: str | None
) -> tuple[list[Delivery], list[Delivery]]:
    """The next few that are pending, by when they are due, read again since an index may be late;
    and the others, of which it is the index that says so."""
    first = [one.id for one in seen[:MAX_IN_FLIGHT]]
    chosen = [*first, named] if named is not None and named not in first else first
    read = store.read_deliveries(lane.account, chosen)
    pending = [one for one in read if one.state == "pending" and one.lane == lane.id]
    return pending, [one for one in seen[MAX_IN_FLIGHT:] if one.id != named]


def _post(due: Sequence[Delivery], lane: Lane) -> list[Attempt]:
    """Make an attempt of each; what can never be sent is one that failed."""
    hooks, distrusted_ms = get_hooks(lane.account), standing.distrusted_until_ms(lane.account)
    webhook = hooks.webhooks.get(lane.webhook or "")
    if webhook and webhook.enabled and not trust.is_confirmed(webhook, distrusted_ms):
        _disable(lane, trust.WHY_DISABLED)
    letters: list[tuple[Delivery, Letter]] = []
    refused: list[Attempt] = []
    for delivery in due:
        try:
            letters.append((delivery, _letter(delivery, hooks, distrusted_ms)))
        except _UNRENDERABLE as trouble:
            logger.warning("cannot be sent", extra={"delivery": delivery.id}, exc_info=True)
            code = trouble.machine_code if isinstance(trouble, SluiceError) else "unrenderable"
            refused.append((delivery, Outcome(0, error=code)))
    outcomes = sender.current.post([letter for _, letter in letters])
    sent = [(one, outcome) for (one, _), outcome in zip(letters, outcomes, strict=True)]
    for one, outcome in sent:
        facts = {"delivery": one.id, "status": outcome.status, "failure": outcome.error}
        logger.info("attempted", extra=facts | {"duration_ms": outcome.duration_ms})
    return [*sent, *refused]


def _letter(delivery: Delivery, hooks: Hooks, distrusted_ms: int) -> Letter:
    """Raises NotFound when the webhook or the job is gone, Forbidden for a secured account."""
    webhook = hooks.get(delivery.webhook) if delivery.webhook is not None else None
    job = _job(delivery)
    trust.check(delivery, webhook, job, distrusted_ms)
    if webhook is not None:
        if not webhook.enabled:
            raise NotFound("It is disabled.", code="webhook_disabled")
        url, secret = webhook.url, webhook.secret
    else:
        url, secret = delivery.url or "", hooks.default_secret
    body = payload.test(delivery) if job is None else payload.of_job(delivery, job)
    return Letter(url, _HEADERS | signing.headers(secret, delivery.id, body), body)


def _job(delivery: Delivery) -> Job | None:
    """None for a test event."""
    if delivery.job is None:
        return None
    job = find_job(delivery.job)
    if job is None:
        raise NotFound("Its time is over.", code="job_not_found")
    return job


_FINAL = {"webhook_not_found", "webhook_disabled", "job_not_found", trust.ACCOUNT_SECURED}


def _after(delivery: Delivery, outcome: Outcome) -> Delivery:
    """The delivery after an attempt: delivered, failed for good, or due again."""
    noted: dict[str, Any] = {
        "at_ms": clock.now_ms(),
        "duration_ms": outcome.duration_ms,
        "status": outcome.status,
        "error": outcome.error,
        "response": outcome.response,
    }
    attempts = (*delivery.attempts, noted)[-MAX_SHOWN_ATTEMPTS:]
    after = replace(delivery, attempts=attempts, tries=delivery.tries + 1)
    if _is_success(outcome):
        return replace(after, state="delivered")
    if outcome.status == HTTPStatus.GONE:
        return replace(after, state="failed", reason="gone")
    if outcome.error in _FINAL:
        return replace(after, state="failed", reason=outcome.error)
    due_ms = next_try_ms(after.tries, outcome.retry_after_s)
    if due_ms is None:
        return replace(after, state="failed", reason="exhausted")
    return replace(after, due_ms=due_ms)


def _is_success(outcome: Outcome) -> bool:
    return outcome.status is not None and HTTPStatus(200) <= outcome.status < HTTPStatus(300)


def _judge(lane: Lane, attempts: Sequence[Attempt]) -> Lane:
    """The lane with what its receiver has shown of itself; one that wants no more, or has only
    failed for as long as a delivery may take, is disabled."""
    outcomes = [outcome for _, outcome in attempts if outcome.error not in _FINAL]
    if not outcomes:
        return lane
    if any(map(_is_success, outcomes)):
        lane = replace(lane, strikes=0, failing_since_ms=None)
    else:
        strikes = lane.strikes + 1 if all(map(_is_out_of_order, outcomes)) else 0
        since_ms = lane.failing_since_ms or clock.now_ms()
        lane = replace(lane, strikes=strikes, failing_since_ms=since_ms)
    if any(outcome.status == HTTPStatus.GONE for outcome in outcomes):
        _disable(lane, "It answered 410 Gone.")
    elif _has_failed_for_long(lane):
        _disable(lane, f"Every attempt since {clock.iso(lane.failing_since_ms or 0)} failed.")
    return lane


def _is_out_of_order(outcome: Outcome) -> bool:
    return outcome.status is None or outcome.status in _THROTTLED


def _has_failed_for_long(lane: Lane) -> bool:
    if lane.failing_since_ms is None:
        return False
    return clock.now_ms() - lane.failing_since_ms >= SCHEDULE_S * clock.MS_PER_S


def _disable(lane: Lane, reason: str) -> None:
    """The URL of a single job has nothing to disable."""
    if lane.webhook is None:
        return
    try:
        disable(lane.account, lane.webhook, reason).send()
    except NotFound:
        logger.info("the webhook was deleted meanwhile")
    else:
        logger.warning("webhook disabled", extra={"webhook": lane.webhook, "reason": reason})


def _left(
    lane: Lane, attempts: Sequence[Attempt], known: Sequence[Delivery], *, has_more: bool
) -> LaneLeft:
    """`known` are the deliveries that were seen, as they are now; the lane counts all of them, so
    one that no index showed is noticed."""
    now_ms = clock.now_ms()
    waiting = [one for one in known if one.state == "pending"]
    ended = len(known) - len(waiting)
    rests_until_ms = now_ms + _rest_s(lane, attempts) * clock.MS_PER_S
    moments = [one.due_ms for one in waiting]
    if not (has_more and waiting) and len(waiting) < lane.pending - ended:
        moments.append(now_ms + LAG_S * clock.MS_PER_S)
    return LaneLeft(
        ended=ended,
        due_ms=max(min(moments), rests_until_ms) if moments else None,
        strikes=lane.strikes,
        rests_until_ms=rests_until_ms,
        failing_since_ms=lane.failing_since_ms,
    )


def _rest_s(lane: Lane, attempts: Sequence[Attempt]) -> int:
    asked_s = [
        min(outcome.retry_after_s or 0, MAX_REST_ASKED_S)
        for _, outcome in attempts
        if outcome.status in _THROTTLED
    ]
    own_s = min(REST_FIRST_S * 2 ** (lane.strikes - 1), REST_MAX_S) if lane.strikes else 0
    return max([own_s, *asked_s])


def _commit(lane: Lane, noted: Sequence[tuple[Delivery, Delivery]], left: LaneLeft) -> None:
    """All of it or nothing, and then a message when the lane is due soon."""
    writes = [store.note(before, after) for before, after in noted]
    try:
        Transaction().add(*writes, store.release(lane, left, only_if_quiet=True)).commit()
    except LaneChanged:
        due_ms = max(clock.now_ms() + clock.MS_PER_S, left.rests_until_ms)
        left = replace(left, due_ms=min(due_ms, left.due_ms or due_ms))
        Transaction().add(*writes, store.release(lane, left, only_if_quiet=False)).commit()
    if left.due_ms is None:
        return
    delay_s = -(-(left.due_ms - clock.now_ms()) // clock.MS_PER_S)
    if delay_s <= SOON_S:
        # A run that found nothing to do must not lead to the next one at once.
        lanes.wake(lane.id, delay_s=max(delay_s, 0 if noted else LAG_S))
