"""From a request to an accepted job: validate, count, hold, create; then `dispatch`.

Nothing is classified or computed for a request that cannot pay, is too fast, or was made before.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.inference.flow.service import advance
from functions.inference.jobs import acceptance, dispatch, store
from functions.inference.jobs.job import OPEN, Job, Priority
from functions.inference.jobs.purse import Purse
from functions.inference.jobs.store import JobExists
from functions.inference.rates import store as rates
from functions.inference.settings import get_endpoint
from functions.inference.tasks.known import TASKS
from functions.inference.tasks.task import Prepared
from functions.inference.webhooks import target
from functions.inference.webhooks.kinds import JobWebhook
from sluice import clock, ids
from sluice.catalog import Card, get_card
from sluice.errors import IdempotencyMismatch, InsufficientCredit, SluiceError, Unavailable
from sluice.log import logger
from sluice.moderation import policy
from sluice.principal import Principal
from sluice.schema import validate

ATTEMPT_BYTES = 8
HASH_CHARS = 32
"""128 bits tell one caller's bodies apart; the item is paid for by its size."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a caller asks for. `route` scopes the idempotency key to the door it came through;
    `batch` is the hash of the whole batch that it is a part of, if any."""

    model: str
    input: Mapping[str, Any]
    route: str
    idempotency_key: str | None = None
    webhook: JobWebhook | None = None
    door: Mapping[str, Any] = field(default_factory=dict)
    priority: Priority = "normal"
    deadline_s: int | None = None
    batch: str | None = None

    @property
    def body_hash(self) -> str:
        body = {"model": self.model, "input": self.input}
        told: dict[str, Any] = {"webhook": asdict(self.webhook)} if self.webhook else {}
        told |= {"door": self.door} if self.door else {}
        told |= {"priority": self.priority} if self.priority != "normal" else {}
        told |= {"deadline_s": self.deadline_s} if self.deadline_s else {}
        told |= {"batch": self.batch} if self.batch else {}
        text = json.dumps(body | told, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:HASH_CHARS]


@dataclass(frozen=True, slots=True)
class Submitted:
    """The job as it is now; `replayed` when an earlier request made it. `delayed` when it could not
    be sent to its model yet, and waits for the sweeper."""

    job: Job
    replayed: bool = False
    delayed: bool = False


def submit(principal: Principal, order: Order) -> Submitted:
    """Accept and dispatch a job, or give the one that the same idempotency key made before.

    Raises ModelNotFound, ModelNotServed, InvalidInput and its kin, RateLimited,
    InsufficientCredit, IdempotencyMismatch; none of these leaves a trace that costs.
    """
    try:
        request = read(principal, order)
        rates.take(principal, request.card)
        return enter(principal, request)
    except SluiceError:
        # A refusal is not remembered, but a job is: its credit may be spent, its upload gone.
        if order.idempotency_key is None:
            raise
        earlier = store.find_job(job_id(principal, order))
        if earlier is None:
            raise
        return replay(earlier, order)


@dataclass(frozen=True, slots=True)
class Request:
    """An order whose input fits its model's card."""

    order: Order
    card: Card
    prepared: Prepared


def read(principal: Principal, order: Order) -> Request:
    """What costs nothing comes before the rate, which counts what is left."""
    card = get_card(order.model)
    get_endpoint(card.id)
    return _read(principal, card, order)


def enter(principal: Principal, request: Request) -> Submitted:
    """Accept and dispatch what has been counted, or give the job that was made before."""
    try:
        job, prepared = _accept(principal, request)
    except JobExists as existing:
        return replay(existing.job, request.order)
    logger.append_keys(job=job.id)
    try:
        return Submitted(_send(job, prepared.payload))
    except (Unavailable, BotoCoreError, ClientError):
        logger.exception("the job waits for the sweeper")
        return Submitted(job, delayed=True)


def _send(job: Job, payload: bytes) -> Job:
    """Send the job to its model, or leave it in its queue, from which another may have taken it."""
    if not job.is_waiting:
        sent = dispatch.send(job, payload)
        if sent.has_ended:
            advance(job.account, job.model)
        return sent
    dispatch.keep_input(job, payload)
    if job.input is None:
        # Whoever freed a slot meanwhile did not find the input yet.
        advance(job.account, job.model)
        return store.find_job(job.id) or job
    return job


def replay(job: Job, order: Order) -> Submitted:
    if job.body_hash != order.body_hash:
        raise IdempotencyMismatch(
            "This Idempotency-Key was used with another body; use a new key for a new request."
        )
    return Submitted(job, replayed=True)


def job_id(principal: Principal, order: Order) -> str:
    if order.idempotency_key is None:
        return ids.new("job")
    return ids.derive("job", principal.account, order.route, order.idempotency_key)


def check(principal: Principal, order: Order) -> None:
    """Counts a request that will not be accepted anyhow, and raises what `submit` would refuse it
    for: so that only who could have a job may cause what a job causes."""
    card = get_card(order.model)
    request = _read(principal, card, order)
    rates.take(principal, card)
    purse = Purse(principal.account)
    try:
        purse.plan(card.prices.worst_case_nanos(request.prepared.units))
    except InsufficientCredit:
        if TASKS[card.task].within(card, order.input, purse.available_nanos) is None:
            raise


def _read(principal: Principal, card: Card, order: Order) -> Request:
    principal.check_model(card.id)
    validate(card, order.input)
    if order.webhook is not None:
        target.parse(order.webhook.url)
    return Request(order, card, TASKS[card.task].prepare(card, order.input, principal.account))


def _accept(principal: Principal, request: Request) -> tuple[Job, Prepared]:
    order, card = request.order, request.card
    now_ms = clock.now_ms()
    job = Job(
        id=job_id(principal, order),
        account=principal.account,
        credential=principal.credential,
        model=card.id,
        task=card.task,
        status=OPEN,
        created_ms=now_ms,
        deadline_ms=now_ms,
        body_hash=order.body_hash,
        attempt_id=ids.token(ATTEMPT_BYTES).hex(),
        legs=(),
        prices=card.raw["prices"],
        policy=policy.VERSION,
        webhook=order.webhook,
        door=order.door,
        priority=order.priority,
        deadline_s=order.deadline_s,
    )
    return acceptance.accept(principal, card, order.input, job, request.prepared)
