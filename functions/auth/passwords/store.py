"""Resets of passwords that were asked for.

item   pk              sk     index  ttl           retention
reset  RESET#{login}   RESET  -      its expiry    until used, replaced, or expired

An address that nobody signs in with gets such an item too, one that names no user and so can never
be redeemed: what one does and sees is then the same. There is one for each login, and `code` is a
digest, so a later request ends the code of the earlier.
"""

from boto3.dynamodb.conditions import Attr

from functions.auth.settings import settings
from functions.auth.users.store import wrong_code
from sluice import clock
from sluice.table import Item, Table, Write

RESET_VALID_S = 30 * 60


def _table() -> Table:
    return Table(settings().accounts_table)


def pend(login: str, code: str, user: str | None) -> Write:
    expires_ms = clock.now_ms() + RESET_VALID_S * clock.MS_PER_S
    return _table().put(
        {"pk": f"RESET#{login}", "sk": "RESET", "code": code, "user": user}
        | {"expires_ms": expires_ms, "ttl": expires_ms // clock.MS_PER_S}
    )


def find(login: str) -> Item | None:
    return _table().find(f"RESET#{login}", "RESET")


def redeem(login: str, code: str, user: str) -> Write:
    """The code's end, once: whoever comes second raises InvalidInput."""
    return _table().delete(
        f"RESET#{login}",
        "RESET",
        when=Attr("code").eq(code) & Attr("user").eq(user) & Attr("expires_ms").gt(clock.now_ms()),
        refused=lambda old: wrong_code(),
    )


def forget(login: str) -> Write:
    """Whatever code there is ends."""
    return _table().delete(f"RESET#{login}", "RESET")
