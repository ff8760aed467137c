"""What an account has: bought credit and grants, each with what is available and what is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from functions.billing.balance import store
from sluice import clock
from sluice.ledger import grant_pk
from sluice.table import Item

type GrantStatus = Literal["active", "expired", "revoked"]

_GRANT_PREFIX = grant_pk("")


@dataclass(frozen=True, slots=True)
class Grant:
    """Credit that was given: `nanos` at first, of which so much is left or held by open jobs."""

    id: str
    reason: str
    status: GrantStatus
    nanos: int
    available_nanos: int
    held_nanos: int
    expires_ms: int


@dataclass(frozen=True, slots=True)
class Balance:
    """`bought_nanos` is bought credit that is available; grants are spent before it."""

    bought_nanos: int
    held_nanos: int
    is_frozen: bool
    grants: tuple[Grant, ...]

    @property
    def available_nanos(self) -> int:
        """What the next request may cost at most."""
        active = (g.available_nanos for g in self.grants if g.status == "active")
        return 0 if self.is_frozen else self.bought_nanos + sum(active)


def get_balance(account: str) -> Balance:
    """The account's balance; an account that has none yet has nothing."""
    balance, grants = store.find_buckets(account)
    if balance is None:
        return Balance(0, 0, False, ())
    return Balance(
        bought_nanos=balance["available"],
        held_nanos=balance["held"] + sum(grant["held"] for grant in grants),
        is_frozen=balance["frozen"],
        grants=_grants(balance, grants),
    )


def _grants(balance: Item, grants: Sequence[Item]) -> tuple[Grant, ...]:
    """Soonest expiry first, which is the order they are spent in."""
    shown = (_grant(item, balance["grants"]) for item in grants)
    return tuple(sorted(shown, key=lambda grant: (grant.expires_ms, grant.id)))


def _grant(item: Item, named: Item) -> Grant:
    id_ = item["pk"].removeprefix(_GRANT_PREFIX)
    return Grant(
        id=id_,
        reason=item["reason"],
        status=_status(item),
        nanos=named[id_]["nanos"],
        available_nanos=item["available"],
        held_nanos=item["held"],
        expires_ms=item["expires_ms"],
    )


def _status(item: Item) -> GrantStatus:
    if item["status"] != "active":
        return "revoked"
    return "active" if item["expires_ms"] > clock.now_ms() else "expired"
