"""Sessions.

item     pk               sk              index  ttl              retention
session  SESSION#{hmac}   SESSION         -      absolute expiry  until signed out or expired
listing  USER#{user}      SESSION#{id}    -      absolute expiry  the same

The first is what `sluice.principal` reads, under the keyed digest of its token; the second is how a
user's sessions are found. Both are written and deleted together.
"""

from boto3.dynamodb.conditions import Attr

from functions.auth.settings import settings
from sluice import clock
from sluice.errors import Forbidden, NotFound, Unauthenticated
from sluice.principal import SESSION_SCOPES, credential_pk
from sluice.table import Item, Table, Write, absent

IDLE_MS = 12 * 3600 * clock.MS_PER_S
ABSOLUTE_MS = 7 * 24 * 3600 * clock.MS_PER_S


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


def open_(session: str, token: str, user: Item, account: Item, ends_ms: int) -> list[Write]:
    """Both items, while the account is as it was read: securing it in between refuses."""
    now_ms = clock.now_ms()
    pk = credential_pk("SESSION", token)
    times = {"created_ms": now_ms, "ends_ms": ends_ms, "ttl": ends_ms // clock.MS_PER_S}
    return [
        table().check(
            account["pk"],
            "ACCOUNT",
            when=Attr("epoch").eq(account["epoch"]),
            refused=lambda old: Forbidden("The account was secured meanwhile; sign in again."),
        ),
        table().put(
            {"pk": pk, "sk": "SESSION", "id": session, "account": account["id"]}
            | {"user": user["id"], "scopes": sorted(SESSION_SCOPES), "epoch": account["epoch"]}
            | {"state": "active", "expires_ms": now_ms + IDLE_MS}
            | times,
            when=absent(),
        ),
        table().put(
            {"pk": user["pk"], "sk": f"SESSION#{session}", "id": session, "credential": pk} | times,
            when=absent(),
        ),
    ]


def prolong(session: Item) -> Write:
    """Used just now: idleness counts anew, up to the absolute end. A session that is gone raises
    Unauthenticated."""
    expires_ms = min(clock.now_ms() + IDLE_MS, session["ends_ms"])
    return table().update(
        session["pk"],
        "SESSION",
        set_={"expires_ms": expires_ms},
        when=Attr("state").eq("active"),
        refused=lambda old: Unauthenticated("The session has ended; sign in again."),
    )


def close(session: Item) -> list[Write]:
    """Ending twice is no error."""
    return [
        table().delete(session["pk"], "SESSION"),
        table().delete(f"USER#{session['user']}", f"SESSION#{session['id']}"),
    ]
