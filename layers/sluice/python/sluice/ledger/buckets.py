"""An account's buckets as they were read, and how a payment is planned from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sluice import clock
from sluice.errors import InsufficientCredit
from sluice.ledger.keys import balance_pk, grant_pk
from sluice.money import usd
from sluice.table import Item, Table


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket as last seen. `expires_ms` is set for grants."""

    pk: str
    available: int
    expires_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An account's buckets as last seen, to plan from; only conditions decide. `exact` says it was
    read in full just now, rather than remembered or assumed."""

    buckets: tuple[Bucket, ...]
    exact: bool = False

    def after(self, legs: Sequence["Leg"]) -> "Snapshot":
        """With these legs taken."""
        taken = {leg.bucket: leg.nanos for leg in legs}
        return Snapshot(
            tuple(replace(b, available=b.available - taken.get(b.pk, 0)) for b in self.buckets)
        )

    def corrected(self, pk: str, available: int) -> "Snapshot":
        """With what a refused condition told about one bucket."""
        return Snapshot(
            tuple(replace(b, available=available) if b.pk == pk else b for b in self.buckets)
        )


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a hold: so much of one bucket."""

    bucket: str
    nanos: int


class BucketShort(Exception):
    """A planned leg met another truth; `old` is the bucket as it stands."""

    def __init__(self, pk: str, old: Item | None) -> None:
        super().__init__(pk)
        self.pk = pk
        self.available = _spendable(old)


# Reading


def remember(table: Table, account: str) -> Snapshot:
    """A snapshot by one read: grants count as untouched until a condition says otherwise."""
    item = table.find(balance_pk(account), "BUCKET")
    return _snapshot(account, item, grants=None)


def read(table: Table, account: str) -> Snapshot:
    """An exact snapshot: the balance, then its grants."""
    item, grants = find_buckets(table, account)
    return replace(_snapshot(account, item, grants), exact=True)


def find_buckets(table: Table, account: str) -> tuple[Item | None, list[Item]]:
    """The account's balance, None before it has one, and its grants, as they stand."""
    item = table.find(balance_pk(account), "BUCKET")
    named = item["grants"] if item else {}
    return item, table.find_many([(grant_pk(grant), "BUCKET") for grant in named])


def _snapshot(account: str, item: Item | None, grants: list[Item] | None) -> Snapshot:
    if item is None:
        return Snapshot((Bucket(balance_pk(account), 0),))
    if grants is None:
        given = [
            Bucket(grant_pk(grant), facts["nanos"], facts["expires_ms"])
            for grant, facts in item["grants"].items()
        ]
    else:
        given = [Bucket(g["pk"], _spendable(g), g["expires_ms"]) for g in grants]
    return Snapshot((*given, Bucket(item["pk"], _spendable(item))))


def _spendable(item: Item | None) -> int:
    if item is None or item["frozen"] or item.get("status", "active") != "active":
        return 0
    return int(item["available"])


# Planning


def plan(snapshot: Snapshot, nanos: int) -> tuple[Leg, ...]:
    """Legs that pay `nanos`: grants first, soonest expiry first, then bought credit. Raises
    InsufficientCredit when the snapshot cannot pay."""
    left, legs = nanos, []
    for bucket in _usable(snapshot):
        part = min(left, bucket.available)
        if part > 0:
            legs.append(Leg(bucket.pk, part))
            left -= part
    if left > 0:
        raise InsufficientCredit(
            f"This request may cost {usd(nanos)} USD and {usd(nanos - left)} USD is available; "
            "top up, or ask for less.",
            extra={"required_nanos": str(nanos), "available_nanos": str(nanos - left)},
        )
    return tuple(legs) or (Leg(_bought(snapshot).pk, 0),)


def available(snapshot: Snapshot) -> int:
    """What the snapshot can pay at most, in nanodollars."""
    return sum(max(bucket.available, 0) for bucket in _usable(snapshot))


def _usable(snapshot: Snapshot) -> list[Bucket]:
    """Buckets in the order they are spent, without expired grants."""
    now_ms = clock.now_ms()
    live = [b for b in snapshot.buckets if b.expires_ms is None or b.expires_ms > now_ms]
    return sorted(live, key=_spending_order)


def _bought(snapshot: Snapshot) -> Bucket:
    return next(bucket for bucket in snapshot.buckets if bucket.expires_ms is None)


def _spending_order(bucket: Bucket) -> tuple[bool, int]:
    return (bucket.expires_ms is None, bucket.expires_ms or 0)
