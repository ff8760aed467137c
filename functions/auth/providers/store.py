"""Sign-ins under way at other providers, and people who came from there and have no user yet.

item      pk                    sk         index  ttl         retention
attempt   OAUTH#{digest}        OAUTH      -      its expiry  until answered, or expired
newcomer  NEWCOMER#{digest}     NEWCOMER   -      its expiry  until signed up, or expired

An attempt stands under the digest of its `state`, and belongs to the browser whose cookie has the
digest `browser`; it is answered once. A newcomer stands under the digest of a cookie's token.
"""

from dataclasses import asdict, dataclass
from typing import Literal

from boto3.dynamodb.conditions import Attr

from functions.auth.digests import digest
from functions.auth.identities.store import Proven
from functions.auth.settings import settings
from sluice import clock
from sluice.errors import Unauthenticated
from sluice.table import Item, Table, Write, absent, exists

ATTEMPT_VALID_S = 10 * 60
NEWCOMER_VALID_S = 30 * 60

type Purpose = Literal["sign-in", "link", "step-up"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """`verifier` and `nonce` are what only this attempt's answer can be exchanged and proven with;
    `user` and `session` are whose it is, unless it is to sign somebody in."""

    provider: str
    purpose: Purpose
    browser: str
    verifier: str
    nonce: str
    return_to: str
    started_ms: int
    user: str = ""
    session: str = ""


def _table() -> Table:
    return Table(settings().accounts_table)


def begin(state: str, attempt: Attempt) -> Write:
    ttl = clock.now_s() + ATTEMPT_VALID_S
    item = {"pk": _attempt_pk(state), "sk": "OAUTH", "ttl": ttl} | asdict(attempt)
    return _table().put(item, when=absent())


def take(state: str, provider: str, browser: str) -> Attempt:
    """The attempt, which nobody else is given from now on. Raises Unauthenticated
    `sign_in_expired` for one that is unknown, expired, another provider's or browser's."""
    not_before = clock.now_ms() - ATTEMPT_VALID_S * clock.MS_PER_S
    old = (
        _table()
        .delete(
            _attempt_pk(state),
            "OAUTH",
            when=Attr("provider").eq(provider)
            & Attr("browser").eq(browser)
            & Attr("started_ms").gt(not_before),
            refused=lambda old: expired(),
        )
        .send("ALL_OLD")
    )
    return Attempt(**{name: old[name] for name in Attempt.__slots__})


def welcome(token: str, proven: Proven) -> Write:
    """Somebody who may sign up; `proven.email` is verified."""
    expires_ms = clock.now_ms() + NEWCOMER_VALID_S * clock.MS_PER_S
    return _table().put(
        {"pk": _newcomer_pk(token), "sk": "NEWCOMER", "expires_ms": expires_ms}
        | {"ttl": expires_ms // clock.MS_PER_S}
        | asdict(proven),
        when=absent(),
    )


def find_newcomer(token: str) -> Proven:
    """Raises Unauthenticated `sign_in_expired`."""
    item = _table().find(_newcomer_pk(token), "NEWCOMER")
    if item is None or item["expires_ms"] <= clock.now_ms():
        raise expired()
    return Proven(item["provider"], item["subject"], item["email"])


def redeem(token: str) -> Write:
    """Once; otherwise raises Unauthenticated `sign_in_expired`."""
    return _table().delete(_newcomer_pk(token), "NEWCOMER", when=exists(), refused=_gone)


def _gone(_old: Item | None) -> Exception:
    return expired()


def expired() -> Unauthenticated:
    return Unauthenticated("This sign-in has expired; begin again.", code="sign_in_expired")


def _attempt_pk(state: str) -> str:
    return f"OAUTH#{digest('oauth-state', state)}"


def _newcomer_pk(token: str) -> str:
    return f"NEWCOMER#{digest('newcomer', token)}"
