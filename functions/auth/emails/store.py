"""Changes of e-mail addresses that were asked for; what is changed stands in `users/store.py`.

item     pk             sk      index  ttl         retention
change   USER#{user}    EMAIL   -      its expiry  until confirmed, replaced, or expired

There is one for each user, and `code` is a digest, so a later request ends the code of the earlier.
It belongs to the `session` that asked and ends with it, and with every reset or change of the
password: nobody leaves one behind to come back by.
"""

from boto3.dynamodb.conditions import Attr

from functions.auth.settings import settings
from functions.auth.users.store import wrong_code
from sluice import clock
from sluice.errors import Conflict
from sluice.table import Item, Table, Write, absent

CHANGE_VALID_S = 30 * 60


def _table() -> Table:
    return Table(settings().accounts_table)


def pend(user: str, session: str, email: str, code: str) -> Write:
    expires_ms = clock.now_ms() + CHANGE_VALID_S * clock.MS_PER_S
    return _table().put(
        {"pk": f"USER#{user}", "sk": "EMAIL", "session": session, "email": email, "code": code}
        | {"expires_ms": expires_ms, "ttl": expires_ms // clock.MS_PER_S}
    )


def find(user: str) -> Item | None:
    return _table().find(f"USER#{user}", "EMAIL")


def redeem(user: str, session: str, code: str) -> Write:
    """The code's end, once: whoever comes second, late, or in another session raises InvalidInput
    `invalid_code`."""
    return _table().delete(
        f"USER#{user}",
        "EMAIL",
        when=Attr("code").eq(code)
        & Attr("session").eq(session)
        & Attr("expires_ms").gt(clock.now_ms()),
        refused=lambda old: wrong_code(),
    )


def forget(user: str) -> Write:
    """Whatever change there is ends."""
    return _table().delete(f"USER#{user}", "EMAIL")


def claim(login: str, user: str) -> Write:
    """A login that has a user already raises Conflict `email_taken`: who asks has proven the
    mailbox, so it tells nothing to anybody else."""
    return _table().put(
        {"pk": f"LOGIN#{login}", "sk": "LOGIN", "user": user},
        when=absent(),
        refused=lambda old: Conflict("This address has an account already.", code="email_taken"),
    )


def release(login: str, user: str) -> Write:
    return _table().delete(
        f"LOGIN#{login}", "LOGIN", when=Attr("user").eq(user), refused=lambda old: wrong_code()
    )
