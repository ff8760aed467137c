"""What callers send by hand: test events, and deliveries once more."""

from collections.abc import Mapping
from typing import Any

from functions.inference.jobs.store import get_job
from functions.inference.once import Asked, once
from functions.inference.webhooks import arrivals, lanes, service, store
from functions.inference.webhooks.delivery import Delivery
from functions.inference.webhooks.hooks import Webhook
from functions.inference.webhooks.kinds import TEST_EVENT
from sluice import clock, ids
from sluice.errors import Conflict

DELIVERIES = "/v1/inference/deliveries"


def test(account: str, webhook_id: str, idempotency_key: str | None) -> tuple[Delivery, bool]:
    """Send it an event of its own; also whether an earlier request with the same key did. Raises
    Conflict when it is disabled, RateLimited."""
    asked = Asked(account, f"{service.ROUTE}/{webhook_id}/test", idempotency_key)

    def make() -> Delivery:
        webhook = _enabled(account, webhook_id)
        return _send(asked, lane=webhook.id, webhook=webhook.id)

    return once(asked, make, lambda made: store.get_delivery(account, made))


def send_sample(asked: Asked, url: str, sample: Mapping[str, str]) -> Delivery:
    """Send an address of single jobs a test event in a compatible family's shape; `sample` is what
    it tells. Raises InvalidInput for an address that can never be one, RateLimited, MadeBefore."""
    lane = arrivals.lane_of(asked.account, url)
    return _send(asked, lane=lane, url=url, family="novita", sample=sample)


def _send(asked: Asked, **facts: Any) -> Delivery:
    now_ms = clock.now_ms()
    delivery = Delivery(
        id=ids.new(service.PREFIX),
        account=asked.account,
        event=TEST_EVENT,
        event_ms=now_ms,
        due_ms=now_ms,
        **facts,
    )
    store.arrive_by_hand(delivery, *asked.remember(delivery.id)).commit()
    lanes.wake(delivery.lane, delivery.id)
    return delivery


def redeliver(account: str, delivery_id: str, idempotency_key: str | None) -> tuple[Delivery, bool]:
    """Send an ended delivery once more, on the whole schedule; also whether an earlier request with
    the same key did. Raises NotFound, Conflict while it is pending or its webhook disabled,
    RateLimited."""
    asked = Asked(account, f"{DELIVERIES}/{delivery_id}/redeliver", idempotency_key)

    def again(_: str) -> Delivery:
        return store.get_delivery(account, delivery_id)

    def make() -> Delivery:
        delivery = store.get_delivery(account, delivery_id)
        if delivery.webhook is not None:
            _enabled(account, delivery.webhook)
        if delivery.job is not None:
            get_job(delivery.job, account)
        store.send_again(delivery, *asked.remember(delivery_id)).commit()
        lanes.wake(delivery.lane, delivery.id)
        return again(delivery_id)

    return once(asked, make, again)


def _enabled(account: str, webhook_id: str) -> Webhook:
    webhook = service.get(account, webhook_id)
    if not webhook.enabled:
        raise Conflict("The webhook is disabled; enable it first.", code="webhook_disabled")
    return webhook
