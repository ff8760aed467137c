"""Sessions.

item     pk               sk              index  ttl              retention
session  SESSION#{hmac}   SESSION         -      absolute expiry  until it ends or expires
listing  USER#{user}      SESSION#{id}    -      absolute expiry  the same

The first is what `sluice.principal` reads, under the keyed digest of its token; the second is what
a user sees of it, and how all of a user's are found. Both are written and deleted together. A user
has at most MAX_SESSIONS listings: what opens a session, or ends all, revises the user's item
(`users/store.py`) in the same transaction, so of two such at once one makes its plan anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from boto3.dynamodb.conditions import Attr, ConditionBase

from functions.auth.sessions import listings
from functions.auth.settings import settings
from functions.auth.users.store import RevisedError
from sluice import clock
from sluice.errors import Forbidden, NotFound
from sluice.principal import Principal, credential_pk
from sluice.table import Item, Table, Write, absent, exists

IDLE_MS = 12 * 3600 * clock.MS_PER_S
ABSOLUTE_MS = 7 * 24 * 3600 * clock.MS_PER_S
PROOF_VALID_MS = 5 * 60 * clock.MS_PER_S
MAX_SESSIONS = 20
"""Few enough that one transaction ends them all."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to be opened; `device` and `network` are as `devices` tells them."""

    id: str
    token: str
    device: str
    network: str


list_, close, _ended = listings.list_, listings.close, listings.ended


def table() -> Table:
    return Table(settings().accounts_table)


def get_account(account: str) -> Item:
    """Raises NotFound."""
    item = table().find(f"ACCOUNT#{account}", "ACCOUNT")
    if item is None:
        raise NotFound("There is no such account.")
    return item


def find(token: str) -> Item | None:
    return table().find(credential_pk("SESSION", token), "SESSION")


def get(token: str) -> Item:
    """Raises Unauthenticated when the session has ended, or has another token by now."""
    session = find(token)
    if session is None:
        raise _ended(None)
    return session


def find_listing(user: str, session: str) -> Item | None:
    return table().find(f"USER#{user}", f"SESSION#{session}")


def is_open(principal: Principal) -> Write:
    """A condition: whoever asks is remembered for three seconds, and what lasts longer than that
    must not come of a session that has ended. Raises Unauthenticated."""
    listing = (f"USER#{principal.user}", f"SESSION#{principal.credential}")
    return table().check(*listing, when=exists(), refused=_ended)


def is_live(listing: Item) -> bool:
    return bool(listing["expires_ms"] > clock.now_ms())


def surplus(listings: Iterable[Item]) -> list[Item]:
    """Who makes room for one session more: the expired, then the least recently used."""
    by_use = sorted(listings, key=lambda listing: (is_live(listing), listing["used_ms"]))
    return by_use[: max(0, len(by_use) - MAX_SESSIONS + 1)]


def open_(new: NewSession, user: Item, account: Item) -> list[Write]:
    """Both items, while the account is as it was read: securing it in between refuses."""
    now_ms, pk = clock.now_ms(), credential_pk("SESSION", new.token)
    ends_ms = now_ms + ABSOLUTE_MS
    common = {"id": new.id, "created_ms": now_ms, "expires_ms": now_ms + IDLE_MS}
    common |= {"ends_ms": ends_ms, "ttl": ends_ms // clock.MS_PER_S}
    return [
        table().check(
            account["pk"],
            "ACCOUNT",
            when=Attr("epoch").eq(account["epoch"]) & _limited_as(account),
            refused=lambda old: Forbidden("The account has changed meanwhile; sign in again."),
        ),
        table().put(
            {"pk": pk, "sk": "SESSION", "account": account["id"], "user": user["id"]}
            | {"epoch": account["epoch"], "state": "active"}
            | {"authenticated_ms": now_ms, "accepted": user.get("accepted", {})}
            | ({"limited": account["limited"]} if "limited" in account else {})
            | common,
            when=absent(),
        ),
        table().put(
            {"pk": user["pk"], "sk": f"SESSION#{new.id}", "credential": pk, "used_ms": now_ms}
            | {"device": new.device, "network": new.network}
            | common,
            when=absent(),
        ),
    ]


def _limited_as(account: Item) -> ConditionBase:
    if "limited" in account:
        return Attr("limited").eq(account["limited"])
    return Attr("limited").not_exists()


def prolong(session: Item) -> list[Write]:
    """Used just now: idleness counts anew, up to the absolute end. A session that is gone raises
    Unauthenticated."""
    now_ms = clock.now_ms()
    expires_ms = min(now_ms + IDLE_MS, session["ends_ms"])
    return [
        table().update(
            session["pk"],
            "SESSION",
            set_={"expires_ms": expires_ms},
            when=Attr("state").eq("active"),
            refused=_ended,
        ),
        table().update(
            f"USER#{session['user']}",
            f"SESSION#{session['id']}",
            set_={"expires_ms": expires_ms, "used_ms": now_ms},
            when=exists(),
            refused=_ended,
        ),
    ]


def renew(session: Item, token: str) -> list[Write]:
    """The same session, just authenticated anew, under another token: whoever had the old one is
    out. A session that is gone raises Unauthenticated."""
    pk = credential_pk("SESSION", token)
    kept = {name: value for name, value in session.items() if name != "proven_ms"}
    return [
        table().delete(
            session["pk"],
            "SESSION",
            when=Attr("account").eq(session["account"]),
            refused=_ended,
        ),
        table().put(kept | {"pk": pk, "authenticated_ms": clock.now_ms()}, when=absent()),
        table().update(
            f"USER#{session['user']}",
            f"SESSION#{session['id']}",
            set_={"credential": pk},
            when=Attr("credential").eq(session["pk"]),
            refused=_ended,
        ),
    ]


def note_acceptance(listing: Item, accepted: Mapping[str, str]) -> Write:
    """Of documents, by the session's user; one that is no longer as it was listed raises
    RevisedError."""
    return table().update(
        listing["credential"],
        "SESSION",
        set_={"accepted": dict(accepted)},
        when=exists(),
        refused=lambda old: RevisedError(listing["id"]),
    )


def note_proof(listing: Item) -> Write:
    """Another provider has just said again who the session's user is; one that is gone, or has
    another token by now, raises Unauthenticated."""
    return table().update(
        listing["credential"],
        "SESSION",
        set_={"proven_ms": clock.now_ms()},
        when=exists(),
        refused=_ended,
    )


def is_proven(session: Item) -> bool:
    """Whether another provider did so just now, and it was not used since."""
    return bool(session.get("proven_ms", 0) > clock.now_ms() - PROOF_VALID_MS)


def move(listing: Item, account: str) -> Write:
    """The session acts for another account of its user's, a new one; one that is no longer as it
    was listed raises RevisedError."""
    return table().update(
        listing["credential"],
        "SESSION",
        set_={"account": account, "epoch": 0},
        when=exists(),
        refused=lambda old: RevisedError(listing["id"]),
    )


def revoke(listing: Item) -> list[Write]:
    """Both items; a session that is no longer as it was listed raises NotFound."""
    return [
        table().delete(
            listing["pk"],
            listing["sk"],
            when=Attr("credential").eq(listing["credential"]),
            refused=lambda old: unknown_session(),
        ),
        table().delete(listing["credential"], "SESSION"),
    ]


def unknown_session() -> NotFound:
    return NotFound("You have no such session.")
