"""API keys.

item     pk                  sk          index  ttl                        retention
key      KEY#{hmac}          KEY         -      30 days after revocation   until revoked
listing  ACCOUNT#{account}   KEY#{id}    -      30 days after revocation   until revoked

The first is what `sluice.principal` reads, under the keyed digest of the secret; the second is what
its account sees, and the guard that a request creates one key however often it is sent. Both are
written together, and counted in the account's item (`users/store.py`), where expired ones count
until somebody needs their place.

What a key may do stands in the first, so that finding a principal is one read; so does the budget
of the member who made it, which follows the member's own (`members/store.py`). When it was last
used stands nowhere: the services that take keys may only read them, and a write for it would cost
more than the read.
"""

from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.conditions import Attr

from functions.auth.settings import settings
from sluice import clock
from sluice.errors import Conflict, Unauthenticated
from sluice.principal import PEPPER_VERSION, Principal, credential_pk, limitation
from sluice.table import Item, Page, Table, Write, absent, sort_key

MAX_KEYS = 100
TOO_MANY = "too_many_keys"
SHOWN_CHARS = 11
"""`sk_` and eight more, 48 of 192 bits: enough to tell one's keys apart, useless to guess by."""


@dataclass(frozen=True, slots=True)
class KeyWish:
    """A key to be made. `request` is the digest of what was asked for; `models` None for all."""

    id: str
    name: str
    expires_ms: int | None
    scopes: tuple[str, ...]
    models: tuple[str, ...] | None
    networks: tuple[str, ...]
    budget: Item | None
    rate_per_minute: int | None
    request: str


class KeyExistsError(Exception):
    """This request made its key before: `listing` as it stands."""

    def __init__(self, listing: Item) -> None:
        super().__init__(listing["id"])
        self.listing = listing


def table() -> Table:
    return Table(settings().accounts_table)


def create(wish: KeyWish, secret: str, principal: Principal) -> list[Write]:
    """Listing first: a repeated request learns of its key rather than of the account's limit."""
    pk = credential_pk("KEY", secret)
    common: dict[str, Any] = {
        "id": wish.id,
        "account": principal.account,
        "user": principal.user,
        "scopes": list(wish.scopes),
        "models": None if wish.models is None else list(wish.models),
        "networks": list(wish.networks),
        "state": "active",
        "created_ms": clock.now_ms(),
        "expires_ms": wish.expires_ms,
        "epoch": principal.epoch,
        "accepted": dict(principal.accepted),
        "budget": wish.budget,
        "rate_per_minute": wish.rate_per_minute,
        "member_budget": principal.member_budget,
    }
    listing = common | {
        "name": wish.name,
        "prefix": secret[:SHOWN_CHARS],
        "credential": pk,
        "request": wish.request,
    }
    return [
        table().put(
            {"pk": f"ACCOUNT#{principal.account}", "sk": f"KEY#{wish.id}"} | listing,
            when=absent(),
            refused=_existing,
        ),
        table().put({"pk": pk, "sk": "KEY", "pepper": PEPPER_VERSION} | common, when=absent()),
        _count_in(principal),
    ]


def _existing(old: Item | None) -> Exception:
    return KeyExistsError(old) if old else AssertionError("refused by an item that is not there")


def _count_in(principal: Principal) -> Write:
    return table().update(
        f"ACCOUNT#{principal.account}",
        "ACCOUNT",
        add={"keys": 1},
        when=Attr("keys").lt(MAX_KEYS)
        & Attr("epoch").eq(principal.epoch)
        & Attr("limited").not_exists(),
        refused=lambda old: _why_not(old, principal),
    )


def _why_not(account: Item | None, principal: Principal) -> Exception:
    if account and "limited" in account:
        return limitation(account["limited"])
    if account and account["epoch"] == principal.epoch and account["keys"] >= MAX_KEYS:
        return Conflict(f"An account has at most {MAX_KEYS} keys; revoke one first.", code=TOO_MANY)
    return Unauthenticated("The account was secured since you signed in; sign in again.")


def find(account: str, key: str) -> Item | None:
    return table().find(f"ACCOUNT#{account}", f"KEY#{key}")


def list_(account: str, limit: int, cursor: str | None) -> Page:
    """Keys that are not revoked."""
    return table().query(
        f"ACCOUNT#{account}",
        sk=sort_key().begins_with("KEY#"),
        where=Attr("state").eq("active"),
        limit=limit,
        cursor=cursor,
        newest_first=True,
    )


def change(listing: Item, said: Item) -> list[Write]:
    """The listing, and what `sluice.principal` reads; None takes away what was said before. A key
    that is not live raises Conflict `key_not_live`."""
    limits = {name: value for name, value in said.items() if name != "name"}
    return [
        _change(listing["pk"], listing["sk"], said),
        *([_change(listing["credential"], "KEY", limits)] if limits else []),
    ]


def _change(pk: str, sk: str, said: Item) -> Write:
    return table().update(
        pk,
        sk,
        set_={name: value for name, value in said.items() if value is not None} or None,
        remove=[name for name, value in said.items() if value is None],
        when=Attr("state").eq("active"),
        refused=lambda old: Conflict("This key has ended.", code="key_not_live"),
    )


def retire(listing: Item, successor: str, until_ms: int) -> list[Write]:
    """The key goes on until then, unless it expires before; one that is not live, or was rotated
    before, raises Conflict `key_not_live`."""
    now_ms = clock.now_ms()
    expires_ms = min(until_ms, listing.get("expires_ms", until_ms))
    is_live = Attr("state").eq("active") & (
        Attr("expires_ms").not_exists() | Attr("expires_ms").gt(now_ms)
    )
    return [
        table().update(
            listing["pk"],
            listing["sk"],
            set_={"expires_ms": expires_ms, "replaced_by": successor},
            when=is_live & Attr("replaced_by").not_exists(),
            refused=lambda old: Conflict(
                "This key has ended, or was rotated before.", code="key_not_live"
            ),
        ),
        table().update(
            listing["credential"],
            "KEY",
            set_={"expires_ms": expires_ms},
            when=Attr("state").eq("active"),
            refused=lambda old: Conflict("This key has ended.", code="key_not_live"),
        ),
    ]
