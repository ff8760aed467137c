"""What callers do with their webhooks: make, change, rotate, look at what was delivered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from boto3.dynamodb.conditions import Attr, ConditionBase

from functions.inference.jobs.store import get_job
from functions.inference.once import Asked, once
from functions.inference.webhooks import store
from functions.inference.webhooks.delivery import Delivery
from functions.inference.webhooks.hooks import Hooks, HooksChanged, Webhook, get_hooks, save
from functions.inference.webhooks.signing import SigningSecret
from functions.inference.webhooks.store import LaneBusy
from functions.inference.webhooks.target import parse
from sluice import clock, ids
from sluice.errors import Conflict, Unavailable
from sluice.table import Transaction, Write

MAX_WEBHOOKS = 10
MAX_PLANS = 5
ROUTE = "/v1/inference/webhooks"
PREFIX = "dlv"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a webhook shall be."""

    url: str
    events: Sequence[str]
    description: str

    @property
    def body(self) -> list[object]:
        """What is the same when it is asked for again."""
        return [self.url, sorted(self.events), self.description]


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


def _changed(account: str, change: Callable[[Hooks], Hooks], *beside: Write) -> Hooks:
    """Read, change and put back, until nobody came between. What `change` and the writes `beside`
    raise passes."""
    for _ in range(MAX_PLANS):
        before = get_hooks(account)
        after = change(before)
        if after is before:
            return after
        try:
            _put(save(after), *beside)
        except HooksChanged:
            continue
        return after
    raise Unavailable("Your webhooks are being changed; try again.", retry_after_s=1)


def _put(saved: Write, *beside: Write) -> None:
    if beside:
        Transaction().add(*beside, saved).commit()
    else:
        saved.send()


def create(account: str, wish: Wish, idempotency_key: str | None) -> tuple[Webhook, bool]:
    """A new webhook, and whether an earlier request with the same key made it. Raises InvalidInput,
    Conflict `too_many_webhooks`, IdempotencyMismatch; NotFound when it was deleted since."""
    asked = Asked(account, ROUTE, idempotency_key, wish.body)
    return once(asked, lambda: _make(wish, asked), lambda made: get(account, made))


def _make(wish: Wish, asked: Asked) -> Webhook:
    parse(wish.url)
    events = tuple(sorted(set(wish.events)))
    made = Webhook(ids.new("whk"), wish.url, events, wish.description, clock.now_ms())

    def add(hooks: Hooks) -> Hooks:
        if len(hooks.webhooks) >= MAX_WEBHOOKS:
            raise Conflict(
                f"An account has at most {MAX_WEBHOOKS} webhooks; delete one first.",
                code="too_many_webhooks",
            )
        return hooks.having(made)

    return _changed(asked.account, add, *asked.remember(made.id)).get(made.id)


def list_(account: str) -> list[Webhook]:
    webhooks = get_hooks(account).webhooks.values()
    return sorted(webhooks, key=lambda one: (one.created_ms, one.id))


def get(account: str, webhook_id: str) -> Webhook:
    return get_hooks(account).get(webhook_id)


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
        if wanted.enabled or (wanted.url is not None and webhook.enabled):
            webhook = replace(webhook, confirmed_ms=clock.now_ms())
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


def rotate(
    account: str, webhook_id: str, idempotency_key: str | None
) -> tuple[SigningSecret, bool]:
    """The next version of its secret, and whether an earlier request with the same key made one."""
    asked = Asked(account, f"{ROUTE}/{webhook_id}/rotate", idempotency_key)

    def turn(hooks: Hooks) -> Hooks:
        webhook = hooks.get(webhook_id)
        version = webhook.secret_version + 1
        return hooks.having(replace(webhook, secret_version=version, rotated_ms=clock.now_ms()))

    return once(
        asked,
        lambda: _changed(account, turn, *asked.remember(webhook_id)).get(webhook_id).secret,
        lambda made: get(account, made).secret,
    )


def default_secret(account: str) -> SigningSecret:
    return get_hooks(account).default_secret


def rotate_default(account: str, idempotency_key: str | None) -> tuple[SigningSecret, bool]:
    """The next version of the secret that signs what goes to the URLs of single jobs."""
    asked = Asked(account, f"{ROUTE}/default/rotate", idempotency_key)

    def turn(hooks: Hooks) -> Hooks:
        return replace(
            hooks,
            default_version=hooks.default_version + 1,
            default_rotated_ms=clock.now_ms(),
        )

    return once(
        asked,
        lambda: _changed(account, turn, *asked.remember(account)).default_secret,
        default_secret,
    )


def list_deliveries(
    account: str, asked: Listing, limit: int, cursor: str | None
) -> tuple[list[Delivery], str | None]:
    """Newest event first. A job's are found by when it ended; raises NotFound for a foreign one."""
    where: ConditionBase | None = None
    for name, wanted in (("job", asked.job), ("webhook", asked.webhook), ("state", asked.state)):
        if wanted is not None:
            condition = Attr(name).eq(wanted)
            where = condition if where is None else where & condition
    beginning = f"{PREFIX}_"
    if asked.job is not None:
        ended_ms = get_job(asked.job, account).ended_ms
        if ended_ms is None:
            return [], None
        beginning = ids.beginning_at(PREFIX, ended_ms)
    return store.list_deliveries(account, where, beginning, limit, cursor)
