"""Many orders in one request: each is accepted or refused for itself, and counted with the others.

A batch of n orders for m models takes m counts of their rates and, with an idempotency key, one
read; each accepted job takes its one transaction, and what has a slot is screened and sent.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from botocore.exceptions import BotoCoreError, ClientError

from functions.inference.jobs import store
from functions.inference.jobs.submission import (
    Order,
    Request,
    Submitted,
    enter,
    job_id,
    read,
    replay,
)
from functions.inference.rates import store as rates
from functions.inference.rates.standing import WINDOW_S
from sluice import clock
from sluice.errors import RateLimited, SluiceError, Unavailable
from sluice.log import logger
from sluice.principal import Principal

MAX_ORDERS = 100
PATIENCE_S = 20
"""After this no further order is begun, since the gateway gives up at 30 seconds."""
RETRY_S = 1
_TOO_LONG = "The batch took too long; send it again with its Idempotency-Key for the rest."

type Outcome = Submitted | SluiceError


@dataclass(slots=True)
class _Batch:
    """Orders by their number, and what became of them so far."""

    principal: Principal
    orders: dict[int, Order]
    outcomes: dict[int, Outcome]


def submit(
    principal: Principal, orders: dict[int, Order], refused: dict[int, SluiceError]
) -> dict[int, Outcome]:
    """What became of each order, by its number; `refused` are those that could not be read. Raises
    IdempotencyMismatch, before anything is begun, when the key was used for another batch."""
    batch = _Batch(principal, _as_one(orders, refused), dict(refused))
    _find_earlier(batch)
    until_ms = clock.now_ms() + PATIENCE_S * clock.MS_PER_S
    for number, request in _count(batch, _read(batch)):
        if clock.now_ms() < until_ms:
            _enter(batch, number, request)
        else:
            batch.outcomes[number] = Unavailable(_TOO_LONG, retry_after_s=RETRY_S)
    return batch.outcomes


def _as_one(orders: dict[int, Order], refused: dict[int, SluiceError]) -> dict[int, Order]:
    """With the whole batch's hash in each order's, so that another batch under the same key is
    another body; and with keys of their own."""
    whole = [(number, order.body_hash) for number, order in sorted(orders.items())], sorted(refused)
    digest = hashlib.sha256(json.dumps(whole).encode()).hexdigest()
    return {
        number: replace(
            order,
            batch=digest,
            idempotency_key=order.idempotency_key and f"{order.idempotency_key}#{number}",
        )
        for number, order in orders.items()
    }


def _find_earlier(batch: _Batch) -> None:
    keyed = {
        job_id(batch.principal, order): number
        for number, order in batch.orders.items()
        if order.idempotency_key is not None
    }
    for job in store.find_jobs(list(keyed)):
        number = keyed[job.id]
        batch.outcomes[number] = replay(job, batch.orders[number])


def _read(batch: _Batch) -> dict[int, Request]:
    requests = {}
    for number, order in batch.orders.items():
        if number in batch.outcomes:
            continue
        try:
            requests[number] = read(batch.principal, order)
        except SluiceError as error:
            batch.outcomes[number] = error
    return requests


def _count(batch: _Batch, requests: dict[int, Request]) -> list[tuple[int, Request]]:
    """Those that the minute still takes, the first of each model first."""
    by_model: dict[str, list[int]] = defaultdict(list)
    for number, request in requests.items():
        by_model[request.card.id].append(number)
    for numbers in by_model.values():
        taken = _take(batch, requests, numbers)
        for number in numbers[taken:]:
            batch.outcomes.setdefault(
                number,
                RateLimited(
                    "The minute takes no more of this batch; send the rest when it is over.",
                    retry_after_s=WINDOW_S - clock.now_s() % WINDOW_S,
                ),
            )
    return [(n, request) for n, request in requests.items() if n not in batch.outcomes]


def _take(batch: _Batch, requests: dict[int, Request], numbers: Sequence[int]) -> int:
    try:
        return rates.take(batch.principal, requests[numbers[0]].card, len(numbers))
    except RateLimited:
        return 0


def _enter(batch: _Batch, number: int, request: Request) -> None:
    try:
        batch.outcomes[number] = enter(batch.principal, request)
    except SluiceError as error:
        batch.outcomes[number] = error
    except (BotoCoreError, ClientError):
        logger.exception("an order of a batch met a dependency's failure")
        batch.outcomes[number] = Unavailable(
            "A part we depend on did not answer; send the batch again with its key."
        )
