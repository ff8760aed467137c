"""Making, rotating, listing and revoking API keys."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from functions.auth.audit.store import record
from functions.auth.keys import revocation, store
from functions.auth.keys.store import KeyExistsError, KeyWish
from functions.auth.members import budgets
from functions.auth.sessions import store as sessions
from sluice import clock, ids, money
from sluice.caller import Caller
from sluice.catalog import cards
from sluice.errors import Conflict, Forbidden, IdempotencyMismatch, InvalidInput, Unavailable
from sluice.permissions import KEY_SCOPES
from sluice.principal import Principal, forget_cached, new_api_key
from sluice.table import Item, Page, Transaction, Write

MAX_LIFE_MS = 10 * 366 * 24 * 3600 * clock.MS_PER_S
"""A key that shall live longer has no expiry."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a key shall be and may do; None where nothing was said."""

    name: str
    expires_ms: int | None = None
    scopes: Sequence[str] | None = None
    models: Sequence[str] | None = None
    networks: Sequence[str] | None = None
    budget: tuple[str, str] | None = None
    """Dollars, as a decimal, and the period."""
    rate_per_minute: int | None = None

    def wish(self, key: str, maker: Principal) -> KeyWish:
        """Raises InvalidInput for a model that nobody knows."""
        return KeyWish(
            id=key,
            name=self.name,
            expires_ms=self.expires_ms,
            scopes=tuple(sorted(set(self.scopes or KEY_SCOPES & maker.scopes))),
            models=None if self.models is None else tuple(sorted(set(map(_model, self.models)))),
            networks=tuple(dict.fromkeys(self.networks or ())),
            budget=budget_of(key, self.budget),
            rate_per_minute=self.rate_per_minute,
            request=ids.derive("req", json.dumps(asdict(self))),
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What a key gets anew: another name, unless that is None, and of the limits in `said` (budget,
    rate_per_minute) another, or none."""

    name: str | None
    said: frozenset[str]
    budget: tuple[str, str] | None
    rate_per_minute: int | None


@dataclass(frozen=True, slots=True)
class Created:
    """`secret` is None when the same request made this key before."""

    listing: Item
    secret: str | None


def create(
    principal: Principal, wanted: Wanted, idempotency_key: str | None, caller: Caller
) -> Created:
    """Make a key of the principal's account. Raises InvalidInput for an expiry in the past or an
    unknown model, Forbidden `scope_not_yours`, Conflict beyond 100 keys, IdempotencyMismatch for
    another request under the same idempotency key."""
    _check_expiry(wanted.expires_ms)
    wish = wanted.wish(_key_id(principal, "POST /v1/auth/keys", idempotency_key), principal)
    return _make(principal, wish, [], "key.created", caller)


def rotate(
    principal: Principal, key: str, overlap_s: int, idempotency_key: str | None, caller: Caller
) -> Created:
    """Make a key that may do what `key` may, which goes on for `overlap_s`. Raises NotFound for a
    key that is not the account's, Conflict `key_not_live` for one that has ended or was rotated."""
    old = _get(principal, key)
    route = f"POST /v1/auth/keys/{key}/rotate"
    wish = KeyWish(
        id=_key_id(principal, route, idempotency_key),
        name=old["name"],
        expires_ms=old.get("expires_ms"),
        scopes=tuple(old["scopes"]),
        models=tuple(old["models"]) if "models" in old else None,
        networks=tuple(old["networks"]),
        budget=old.get("budget"),
        rate_per_minute=old.get("rate_per_minute"),
        request=ids.derive("req", route, str(overlap_s)),
    )
    until_ms = clock.now_ms() + overlap_s * clock.MS_PER_S
    return _make(principal, wish, store.retire(old, wish.id, until_ms), "key.rotated", caller)


def change(principal: Principal, key: str, wanted: Change, caller: Caller) -> Item:
    """The key as it is then. Raises NotFound for a key that is not the account's, Conflict
    `key_not_live` for one that has ended."""
    old = _get(principal, key)
    said: Item = {} if wanted.name is None else {"name": wanted.name}
    if "budget" in wanted.said:
        said["budget"] = budget_of(old.get("budget", {}).get("id", key), wanted.budget)
    if "rate_per_minute" in wanted.said:
        said["rate_per_minute"] = wanted.rate_per_minute
    if said:
        Transaction().add(
            *store.change(old, said),
            sessions.is_open(principal),
            record(principal.account, principal.user, "key.changed", key, caller),
        ).commit()
        forget_cached()
    return _get(principal, key)


def _make(
    principal: Principal, wish: KeyWish, with_it: Sequence[Write], action: str, caller: Caller
) -> Created:
    try:
        return _try_make(principal, wish, with_it, action, caller)
    except Conflict as refusal:
        if refusal.machine_code != store.TOO_MANY:
            raise
        if not revocation.end_expired(principal.account, principal.user, caller):
            raise
        return _try_make(principal, wish, with_it, action, caller)


def _try_make(
    principal: Principal, wish: KeyWish, with_it: Sequence[Write], action: str, caller: Caller
) -> Created:
    if not principal.scopes.issuperset(wish.scopes):
        raise Forbidden("A key may do no more than you may.", code="scope_not_yours")
    secret = new_api_key()
    try:
        Transaction().add(
            *store.create(wish, secret, principal),
            *with_it,
            sessions.is_open(principal),
            budgets.stands(principal.account, principal.user, _item(principal.member_budget)),
            record(principal.account, principal.user, action, wish.id, caller),
        ).commit()
    except Unavailable:
        forget_cached()  # the member's budget, as this process knew it
        raise
    except KeyExistsError as error:
        return _replayed(error.listing, wish.request)
    return Created(_get(principal, wish.id), secret)


def _item(budget: Mapping[str, Any] | None) -> Item | None:
    return None if budget is None else dict(budget)


def _model(name: str) -> str:
    """The id of a model, which may be named by an alias."""
    card = cards().get(name)
    if card is None:
        raise InvalidInput(
            "A key is for models that there are; GET /v1/inference/models lists them.",
            errors=[{"pointer": "/body/models", "message": "Names no model."}],
        )
    return card.id


def budget_of(name: str, budget: tuple[str, str] | None) -> Item | None:
    """Counted under `name`: a key's own, which a key that comes in its place counts under too, or a
    member's."""
    if budget is None:
        return None
    usd, period = budget
    return {"id": name, "nanos": money.nanos(usd), "period": period}


def _key_id(principal: Principal, route: str, idempotency_key: str | None) -> str:
    if idempotency_key is None:
        return ids.new("key")
    return ids.derive("key", principal.account, route, idempotency_key)


def _check_expiry(expires_ms: int | None) -> None:
    if expires_ms is None or 0 < expires_ms - clock.now_ms() <= MAX_LIFE_MS:
        return
    raise InvalidInput(
        "A key expires in the future, within ten years, or never.",
        errors=[{"pointer": "/body/expires_at", "message": "Not within the next ten years."}],
    )


def _replayed(listing: Item, request: str) -> Created:
    if listing["request"] != request:
        raise IdempotencyMismatch("This Idempotency-Key came with another request before.")
    return Created(listing, None)


def state_of(listing: Item) -> str:
    """active, expired or revoked."""
    expired = listing.get("expires_ms", clock.now_ms() + 1) <= clock.now_ms()
    return "expired" if expired and listing["state"] == "active" else str(listing["state"])


def list_(principal: Principal, limit: int, cursor: str | None) -> Page:
    return store.list_(principal.account, limit, cursor)


def revoke(principal: Principal, key: str, caller: Caller) -> None:
    """At once for this process, within three seconds for all; raises NotFound for keys that are
    another account's, revoked or nobody's."""
    listing = _get(principal, key)
    Transaction().add(
        *revocation.revoke(listing),
        record(principal.account, principal.user, "key.revoked", key, caller),
    ).commit()
    forget_cached()


def _get(principal: Principal, key: str) -> Item:
    listing = store.find(principal.account, key)
    if listing is None:
        raise revocation.unknown_key()
    return listing
