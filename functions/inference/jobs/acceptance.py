"""The accepting transaction: the hold, the job, and its slot at the model or its place in the
queue, together or not at all.

It is planned from what is remembered; the conditions decide, and a refused plan is made anew from
what they told.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.inference.flow import store as flow
from functions.inference.flow.store import Flow, FlowMoved
from functions.inference.jobs import dispatch, store
from functions.inference.jobs.job import Job
from functions.inference.jobs.purse import Purse, ledger_table
from functions.inference.jobs.store import JobExists
from functions.inference.settings import get_endpoint
from functions.inference.tasks.known import TASKS
from functions.inference.tasks.task import Prepared
from sluice import clock
from sluice.catalog import Card
from sluice.errors import InsufficientCredit, Unavailable
from sluice.ledger import BucketShort, Cap, cap_of, hold
from sluice.limits import limits_of
from sluice.principal import Principal
from sluice.table import Transaction

MAX_PLANS = 6
"""Three for the buckets and three for the flow: both may move between a plan and its conditions."""
INLINE_INPUT_BYTES = 4_096
"""Up to here an input is cheaper in the job's own item than as an object of its own."""
MAX_WAIT_S = 12 * 3600
"""How long a job may wait for its slot, well within the day that inputs are kept."""
MEMORY_MS = 2_000
MEMORY_SIZE = 10_000

_full: OrderedDict[tuple[str, str], int] = OrderedDict()
"""When a flow (account, model) was last seen to take nothing but places in its queue."""


def accept(
    principal: Principal, card: Card, given: Mapping[str, Any], job: Job, prepared: Prepared
) -> tuple[Job, Prepared]:
    """Hold and create. Raises JobExists, RateLimited `queue_full`, InsufficientCredit (of a key's
    or a member's budget `budget_exhausted`) and what else a hold raises, Unavailable when the
    account stays contended."""
    purse = Purse(principal.account)
    caps = [cap_of(principal.account, budget) for budget in principal.budgets]
    waits = _was_full(job)
    for _ in range(MAX_PLANS):
        try:
            legs = purse.plan(card.prices.worst_case_nanos(prepared.units))
        except InsufficientCredit:
            reduced = TASKS[card.task].within(card, given, purse.available_nanos)
            if reduced is None:
                raise
            prepared = TASKS[card.task].prepare(card, reduced, principal.account)
            job = replace(job, clamped_max_tokens=reduced["max_tokens"])
            continue
        planned = replace(
            job,
            legs=legs,
            caps=tuple(cap.pk for cap in caps),
            facts=prepared.facts,
            input=_inline(prepared.payload),
            **_times(job, waits=waits),
        )
        try:
            _commit(principal, planned, caps)
        except BucketShort as short:
            purse.correct(short)
        except FlowMoved as moved:
            waits = _must_wait(job, moved.flow, waited=waits)
        else:
            purse.spend(legs)
            return planned, prepared
    raise Unavailable("The account is busy; try again in a moment.", retry_after_s=1)


def _was_full(job: Job) -> bool:
    return clock.now_ms() - _full.get((job.account, job.model), 0) < MEMORY_MS


def _must_wait(job: Job, now: Flow, *, waited: bool) -> bool:
    """After a refusal: a plan to wait met a free slot, or a plan for a slot met none."""
    key = job.account, job.model
    _full.pop(key, None)
    if waited:
        return False
    if now.outlived and not now.waiting:
        flow.give_back_outlived(now).send()
        return False
    _full[key] = clock.now_ms()
    if len(_full) > MEMORY_SIZE:
        _full.popitem(last=False)
    return True


def _times(job: Job, *, waits: bool) -> dict[str, Any]:
    """Its deadline (the caller's own, or the latest moment at which its result can come), and
    until when it has its slot, or that it waits for one."""
    endpoint = get_endpoint(job.model)
    span_s = dispatch.lifetime_s(endpoint) + (MAX_WAIT_S if waits else 0)
    span_s = span_s if job.deadline_s is None else min(span_s, job.deadline_s)
    deadline_ms = job.created_ms + span_s * clock.MS_PER_S
    if waits:
        return {"queued": True, "deadline_ms": deadline_ms}
    return {"deadline_ms": deadline_ms, "slot_until_ms": dispatch.slot_until_ms(endpoint)}


def _inline(payload: bytes) -> str | None:
    return payload.decode() if len(payload) <= INLINE_INPUT_BYTES else None


def _commit(principal: Principal, job: Job, caps: Sequence[Cap]) -> None:
    """When the answer is lost, or contention outlasted us, the job itself tells whether this very
    plan took effect."""
    try:
        _transaction(principal, job, caps).commit()
    except JobExists as existing:
        if existing.job.attempt_id != job.attempt_id:
            raise
    except (BotoCoreError, ClientError, Unavailable):
        found = store.find_job(job.id)
        if found is None or found.attempt_id != job.attempt_id:
            raise


def _transaction(principal: Principal, job: Job, caps: Sequence[Cap]) -> Transaction:
    limits = limits_of(principal.tier)
    held = hold(
        ledger_table(),
        job.legs,
        account=job.account,
        job=job.id,
        epoch=principal.epoch,
        deadline_ms=job.deadline_ms,
        price={"model": job.model, "version": job.prices["version"]},
        look_ms=dispatch.look_ms(job),
        caps=caps,
    )
    room = flow.join(job, limits) if job.queued else flow.take_slot(job, limits)
    return Transaction().add(store.create(job), *held, *room)
