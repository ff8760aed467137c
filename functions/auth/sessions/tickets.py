"""Sign-ins that wait for a second factor.

item    pk                sk      index  ttl         retention
ticket  TICKET#{digest}   TICKET  -      its expiry  until used, or expired

Under the keyed digest of a token that the browser keeps in a cookie. `stamp` says what the first
proof was worth then: a password that has changed since, or an account that was secured, ends it.
"""

from boto3.dynamodb.conditions import Attr

from functions.auth.digests import digest
from functions.auth.settings import settings
from sluice import clock
from sluice.errors import Unauthenticated
from sluice.table import Item, Table, Write, absent, exists

VALID_S = 5 * 60
MAX_ATTEMPTS = 5


def _table() -> Table:
    return Table(settings().accounts_table)


def stamp_of(user: Item, account: Item) -> str:
    return digest("ticket", f"{user.get('password_hash', '')}:{account['epoch']}")


def issue(token: str, user: str, stamp: str) -> Write:
    expires_ms = clock.now_ms() + VALID_S * clock.MS_PER_S
    return _table().put(
        {"pk": _pk(token), "sk": "TICKET", "user": user, "stamp": stamp, "attempts": 0}
        | {"expires_ms": expires_ms, "ttl": expires_ms // clock.MS_PER_S},
        when=absent(),
    )


def find(token: str) -> Item:
    """Raises Unauthenticated `sign_in_expired`."""
    found = _table().find(_pk(token), "TICKET")
    if found is None or found["expires_ms"] <= clock.now_ms():
        raise expired()
    return found


def count_attempt(token: str) -> Write:
    """Before anybody compares, so that parallel guesses are counted too."""
    return _table().update(
        _pk(token),
        "TICKET",
        add={"attempts": 1},
        when=exists() & Attr("attempts").lt(MAX_ATTEMPTS),
        refused=lambda old: expired(),
    )


def redeem(token: str) -> Write:
    """Once; otherwise raises Unauthenticated."""
    return _table().delete(_pk(token), "TICKET", when=exists(), refused=lambda old: expired())


def expired() -> Unauthenticated:
    return Unauthenticated("This sign-in has expired; begin again.", code="sign_in_expired")


def _pk(token: str) -> str:
    return f"TICKET#{digest('ticket', token)}"
