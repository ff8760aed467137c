"""Making, listing and revoking API keys."""

from dataclasses import dataclass

from functions.auth.audit.store import record
from functions.auth.keys import revocation, store
from functions.auth.keys.store import KeyExistsError, KeyWish
from functions.auth.sessions import store as sessions
from sluice import clock, ids
from sluice.caller import Caller
from sluice.errors import IdempotencyMismatch, InvalidInput
from sluice.principal import Principal, forget_cached, new_api_key
from sluice.table import Item, Page, Transaction

MAX_LIFE_MS = 10 * 366 * 24 * 3600 * clock.MS_PER_S
"""A key that shall live longer has no expiry."""


@dataclass(frozen=True, slots=True)
class Created:
    """`secret` is None when the same request made this key before."""

    listing: Item
    secret: str | None


def create(
    principal: Principal,
    name: str,
    expires_ms: int | None,
    idempotency_key: str | None,
    caller: Caller,
) -> Created:
    """Make a key of the principal's account. Raises InvalidInput for an expiry in the past,
    Conflict beyond 100 keys, IdempotencyMismatch for another request under the same idempotency
    key."""
    _check_expiry(expires_ms)
    request = ids.derive("req", name, str(expires_ms))
    wish = KeyWish(_key_id(principal, idempotency_key), name, expires_ms, request)
    secret = new_api_key()
    try:
        Transaction().add(
            *store.create(wish, secret, principal),
            sessions.is_open(principal),
            record(principal.account, principal.user, "key.created", wish.id, caller),
        ).commit()
    except KeyExistsError as error:
        return _replayed(error.listing, request)
    return Created(_get(principal, wish.id), secret)


def _key_id(principal: Principal, idempotency_key: str | None) -> str:
    if idempotency_key is None:
        return ids.new("key")
    return ids.derive("key", principal.account, "POST /v1/auth/keys", idempotency_key)


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
