"""What callers do with their webhooks: make, change, rotate, test, look at what was delivered."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from boto3.dynamodb.conditions import Attr, ConditionBase

from functions.inference.jobs.store import get_job
from functions.inference.webhooks import arrivals, lanes, store
from functions.inference.webhooks.delivery import Delivery
from functions.inference.webhooks.kinds import TEST_EVENT
from functions.inference.webhooks.signing import SigningSecret
from functions.inference.webhooks.store import Hooks, HooksChanged, LaneBusy, Webhook
from functions.inference.webhooks.target import parse
from sluice import clock, ids
from sluice.errors import Conflict, IdempotencyMismatch, Unavailable

MAX_WEBHOOKS = 10
MAX_PLANS = 5
ROUTE = "/v1/inference/webhooks"
_PREFIX = "dlv"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a webhook shall be."""

    url: str
    events: Sequence[str]
    description: str

    @property
    def digest(self) -> str:
        text = json.dumps([self.url, sorted(self.events), self.description])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Change:
    """What of a webhook shall be otherwise; None leaves it."""

    url: str | None = None
    events: Sequence[str] | None = None
    description: str | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Which deliveries are asked for."""

    job: str | None = None
    webhook: str | None = None
    state: str | None = None


def _changed(account: str, change: Callable[[Hooks], Hooks]) -> Hooks:
    """Read, change and put back, until nobody came between. What `change` raises passes."""
    for _ in range(MAX_PLANS):
        before = store.get_hooks(account)
        after = change(before)
        if after is before:
            return after
        try:
            store.save(after).send()
        except HooksChanged:
            continue
        return after
    raise Unavailable("Your webhooks are being changed; try again.", retry_after_s=1)


def create(account: str, wish: Wish, idempotency_key: str | None) -> tuple[Webhook, bool]:
    """A new webhook, and whether an earlier request with the same key made it. Raises InvalidInput,
    Conflict `too_many_webhooks`, IdempotencyMismatch."""
    parse(wish.url)
    webhook_id = (
        ids.new("whk")
        if idempotency_key is None
        else ids.derive("whk", account, ROUTE, idempotency_key)
    )
    replayed = False

    def add(hooks: Hooks) -> Hooks:
        nonlocal replayed
        replayed = webhook_id in hooks.webhooks
        if replayed:
            return hooks
        if len(hooks.webhooks) >= MAX_WEBHOOKS:
            raise Conflict(
                f"An account has at most {MAX_WEBHOOKS} webhooks; delete one first.",
                code="too_many_webhooks",
            )
        made = Webhook(
            webhook_id,
            wish.url,
            tuple(sorted(set(wish.events))),
            wish.description,
            clock.now_ms(),
            wish.digest,
        )
        return hooks.having(made)

    webhook = _changed(account, add).get(webhook_id)
    if webhook.request != wish.digest:
        raise IdempotencyMismatch(
            "This Idempotency-Key was used for another webhook; use a new key."
        )
    return webhook, replayed


def list_(account: str) -> list[Webhook]:
    webhooks = store.get_hooks(account).webhooks.values()
    return sorted(webhooks, key=lambda one: (one.created_ms, one.id))


def get(account: str, webhook_id: str) -> Webhook:
    return store.get_hooks(account).get(webhook_id)


def change(account: str, webhook_id: str, wanted: Change) -> Webhook:
    """Change it; one that is enabled again, or moved, starts without a past."""
    if wanted.url is not None:
        parse(wanted.url)

    def apply(hooks: Hooks) -> Hooks:
        webhook = hooks.get(webhook_id)
        if wanted.url is not None:
            webhook = replace(webhook, url=wanted.url)
        if wanted.events is not None:
            webhook = replace(webhook, events=tuple(sorted(set(wanted.events))))
        if wanted.description is not None:
            webhook = replace(webhook, description=wanted.description)
        if wanted.enabled is not None:
            reason = None if wanted.enabled else webhook.disabled_reason
            webhook = replace(webhook, enabled=wanted.enabled, disabled_reason=reason)
        return hooks.having(webhook)

    webhook = _changed(account, apply).get(webhook_id)
    if wanted.url is not None or wanted.enabled:
        try:
            store.forgive(webhook_id).send()
        except LaneBusy:
            return webhook
    return webhook


def delete(account: str, webhook_id: str) -> None:
    """What is still on its way to it fails when it would next be tried."""

    def drop(hooks: Hooks) -> Hooks:
        hooks.get(webhook_id)
        kept = {one.id: one for one in hooks.webhooks.values() if one.id != webhook_id}
        return replace(hooks, webhooks=kept)

    _changed(account, drop)


def _key_digest(account: str, idempotency_key: str | None) -> str:
    """What remembers that a rotation was made for a key; without a key, something unique."""
    return (
        ids.new("rot") if idempotency_key is None else ids.derive("rot", account, idempotency_key)
    )


def rotate(
    account: str, webhook_id: str, idempotency_key: str | None
) -> tuple[SigningSecret, bool]:
    """The next version of its secret, and whether this request made it before."""
    rotation = _key_digest(account, idempotency_key)
    replayed = False

    def turn(hooks: Hooks) -> Hooks:
        nonlocal replayed
        webhook = hooks.get(webhook_id)
        replayed = webhook.rotation == rotation
        if replayed:
            return hooks
        turned = replace(
            webhook,
            secret_version=webhook.secret_version + 1,
            rotated_ms=clock.now_ms(),
            rotation=rotation,
        )
        return hooks.having(turned)

    return _changed(account, turn).get(webhook_id).secret, replayed


def default_secret(account: str) -> SigningSecret:
    return store.get_hooks(account).default_secret


def rotate_default(account: str, idempotency_key: str | None) -> tuple[SigningSecret, bool]:
    """The next version of the secret that signs what goes to the URLs of single jobs."""
    rotation = _key_digest(account, idempotency_key)
    replayed = False

    def turn(hooks: Hooks) -> Hooks:
        nonlocal replayed
        replayed = hooks.default_rotation == rotation
        if replayed:
            return hooks
        return replace(
            hooks,
            default_version=hooks.default_version + 1,
            default_rotated_ms=clock.now_ms(),
            default_rotation=rotation,
        )

    return _changed(account, turn).default_secret, replayed


def test(account: str, webhook_id: str) -> Delivery:
    """Send it an event of its own; raises Conflict when it is disabled, RateLimited."""
    webhook = _enabled(account, webhook_id)
    now_ms = clock.now_ms()
    delivery = Delivery(
        id=ids.new(_PREFIX),
        account=account,
        lane=webhook.id,
        event=TEST_EVENT,
        event_ms=now_ms,
        due_ms=now_ms,
        webhook=webhook.id,
    )
    store.arrive_by_hand(delivery).commit()
    lanes.wake(delivery.lane, delivery.id)
    return delivery


def send_sample(account: str, url: str, sample: Mapping[str, str]) -> Delivery:
    """Send an address of single jobs a test event in a compatible family's shape; `sample` is what
    it tells. Raises InvalidInput for an address that can never be one, RateLimited."""
    now_ms = clock.now_ms()
    delivery = Delivery(
        id=ids.new(_PREFIX),
        account=account,
        lane=arrivals.lane_of(account, url),
        event=TEST_EVENT,
        event_ms=now_ms,
        due_ms=now_ms,
        url=url,
        family="novita",
        sample=sample,
    )
    store.arrive_by_hand(delivery).commit()
    lanes.wake(delivery.lane, delivery.id)
    return delivery


def redeliver(account: str, delivery_id: str) -> Delivery:
    """Send an ended delivery once more, on the whole schedule. Raises NotFound, Conflict while it
    is pending or its webhook disabled, RateLimited."""
    delivery = store.get_delivery(account, delivery_id)
    if delivery.webhook is not None:
        _enabled(account, delivery.webhook)
    if delivery.job is not None:
        get_job(delivery.job, account)
    store.send_again(delivery).commit()
    lanes.wake(delivery.lane, delivery.id)
    return store.get_delivery(account, delivery_id)


def _enabled(account: str, webhook_id: str) -> Webhook:
    webhook = get(account, webhook_id)
    if not webhook.enabled:
        raise Conflict("The webhook is disabled; enable it first.", code="webhook_disabled")
    return webhook


def list_deliveries(
    account: str, asked: Listing, limit: int, cursor: str | None
) -> tuple[list[Delivery], str | None]:
    """Newest event first. A job's are found by when it ended; raises NotFound for a foreign one."""
    where: ConditionBase | None = None
    for name, wanted in (("job", asked.job), ("webhook", asked.webhook), ("state", asked.state)):
        if wanted is not None:
            condition = Attr(name).eq(wanted)
            where = condition if where is None else where & condition
    beginning = f"{_PREFIX}_"
    if asked.job is not None:
        ended_ms = get_job(asked.job, account).ended_ms
        if ended_ms is None:
            return [], None
        beginning = ids.beginning_at(_PREFIX, ended_ms)
    return store.list_deliveries(account, where, beginning, limit, cursor)
