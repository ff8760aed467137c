"""Credit: buckets, holds and lines, in integer nanodollars.

item      pk                        sk             index (gsi1)                         retention
balance   BAL#{account}#{stripe}    BUCKET         -                                    for ever
grant     GRANT#{grant}             BUCKET         -                                    for ever
line      the bucket's own pk       LINE#{cause}   open: HOLD#{shard} / opened#job      for ever
                                                   ended: the bucket's pk / ended#cause

A bucket is {available, held, seq, epoch, frozen, last_line}; a grant's has `status`, `expires_ms`
too, and the balance names the account's grants. A line is a hold while open and, once settled or
released, an immutable entry whose legs sum to zero. It stands beside the bucket it draws from, so
a bucket's balance is the fold of its own partition. The durable once-only guard is the line's key.

System accounts (SYS#revenue, SYS#promotion) store no balance: they are folds over the legs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

from boto3.dynamodb.conditions import Attr

from sluice import clock
from sluice.errors import Conflict, Forbidden, InsufficientCredit, Unauthenticated
from sluice.money import usd
from sluice.table import Item, Refusal, Table, Write, absent, exists

STRIPE = 0
"""Until hot accounts are split, every balance has one stripe; the key already names it."""
HOLD_SHARDS = 8
"""Partitions of the index of open holds, so that it cannot throttle the table."""
MAX_GRANTS = 20
_SPENT = (
    "This Idempotency-Key belongs to a job that is no longer kept; use a new key for a new job."
)
"""Only a derived job id comes twice, and a job that is kept answers before its line does."""
REVENUE, PROMOTION = "SYS#revenue", "SYS#promotion"


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


class AlreadyEnded(Exception):
    """The hold was settled or released before; its line stands as it is."""


def balance_pk(account: str) -> str:
    return f"BAL#{account}#{STRIPE}"


def grant_pk(grant: str) -> str:
    return f"GRANT#{grant}"


def line_sk(cause: str) -> str:
    return f"LINE#{cause}"


def hold_shards() -> list[str]:
    """The partitions of the index of open holds."""
    return [f"HOLD#{shard}" for shard in range(HOLD_SHARDS)]


# Reading and planning


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


# Writes


def hold(
    table: Table,
    legs: Sequence[Leg],
    *,
    account: str,
    job: str,
    epoch: int,
    deadline_ms: int,
    price: Mapping[str, Any],
) -> list[Write]:
    """Reserve each leg: the bucket's update and its open line. A leg that no longer fits raises
    BucketShort, a credential from before the account was secured raises Unauthenticated."""
    return [
        write
        for leg in legs
        for write in (
            _take(table, leg, job, epoch),
            _open(table, leg, account, job, deadline_ms, price),
        )
    ]


def _take(table: Table, leg: Leg, job: str, epoch: int) -> Write:
    when = Attr("available").gte(leg.nanos) & Attr("epoch").eq(epoch) & Attr("frozen").eq(False)
    if leg.bucket.startswith("GRANT#"):
        when = when & Attr("status").eq("active") & Attr("expires_ms").gt(clock.now_ms())
    return table.update(
        leg.bucket,
        "BUCKET",
        set_={"last_line": line_sk(job)},
        add={"available": -leg.nanos, "held": leg.nanos, "seq": 1},
        when=when,
        refused=_why_not_taken(leg.bucket, epoch),
    )


def _why_not_taken(pk: str, epoch: int) -> Refusal:
    def explain(old: Item | None) -> Exception:
        if old is not None and old["epoch"] != epoch:
            return Unauthenticated("The account was secured since this credential was made.")
        if old is not None and old["frozen"]:
            return Forbidden("The account's credit is frozen; ask support.", code="credit_frozen")
        return BucketShort(pk, old)

    return explain


def _open(
    table: Table, leg: Leg, account: str, job: str, deadline_ms: int, price: Mapping[str, Any]
) -> Write:
    opened_ms = clock.now_ms()
    return table.put(
        {
            "pk": leg.bucket,
            "sk": line_sk(job),
            "kind": "job",
            "state": "open",
            "account": account,
            "job": job,
            "held_nanos": leg.nanos,
            "price": dict(price),
            "opened_ms": opened_ms,
            "deadline_ms": deadline_ms,
            "gsi1pk": f"HOLD#{crc32(job.encode()) % HOLD_SHARDS}",
            "gsi1sk": f"{opened_ms:013d}#{job}",
        },
        when=absent(),
        refused=lambda _: Conflict(_SPENT, code="idempotency_key_spent"),
    )


def settle(table: Table, legs: Sequence[Leg], job: str, charge_nanos: int) -> list[Write]:
    """End a hold: charge the legs in the order they were planned, give back the rest. A hold that
    ended before raises AlreadyEnded. A charge of 0 releases."""
    held_nanos = sum(leg.nanos for leg in legs)
    if not 0 <= charge_nanos <= held_nanos:
        raise ValueError(f"a charge of {charge_nanos} against a hold of {held_nanos}")
    writes, left = [], charge_nanos
    for leg in legs:
        part = min(left, leg.nanos)
        left -= part
        writes += [_give_back(table, leg, job, part), _close(table, leg, job, part)]
    return writes


def release(table: Table, legs: Sequence[Leg], job: str) -> list[Write]:
    """End a hold without a charge; this is no refund, since nothing was charged."""
    return settle(table, legs, job, 0)


def _give_back(table: Table, leg: Leg, job: str, charged_nanos: int) -> Write:
    return table.update(
        leg.bucket,
        "BUCKET",
        set_={"last_line": line_sk(job)},
        add={"available": leg.nanos - charged_nanos, "held": -leg.nanos, "seq": 1},
        when=Attr("held").gte(leg.nanos),
        refused=lambda _: AlreadyEnded(job),
    )


def _close(table: Table, leg: Leg, job: str, charged_nanos: int) -> Write:
    ended_ms = clock.now_ms()
    charged = [
        {"account": leg.bucket, "nanos": -charged_nanos},
        {"account": REVENUE, "nanos": charged_nanos},
    ]
    entry: dict[str | tuple[str, ...], Any] = {
        "state": "settled" if charged_nanos else "released",
        "charged_nanos": charged_nanos,
        "legs": charged if charged_nanos else [],
        "ended_ms": ended_ms,
        "gsi1pk": leg.bucket,
        "gsi1sk": _statement_sk(ended_ms, job),
    }
    return table.update(
        leg.bucket,
        line_sk(job),
        set_=entry,
        when=Attr("state").eq("open"),
        refused=lambda _: AlreadyEnded(job),
    )


def _statement_sk(ended_ms: int, cause: str) -> str:
    """Where an ended line stands in its bucket's statement: the index by bucket and time. That is
    written no more often than the bucket's own partition, so it is not the hotter of the two."""
    return f"{ended_ms:013d}#{cause}"


def open_account(table: Table, account: str) -> Write:
    """The account's balance, empty. An account that has one raises Conflict."""
    return _put_balance(table, account, {})


def open_with_grant(
    table: Table, account: str, grant_id: str, nanos: int, *, reason: str, expires_ms: int
) -> list[Write]:
    """The account's balance and its first grant, at once. A balance or a grant that exists
    raises Conflict."""
    facts = {"nanos": nanos, "expires_ms": expires_ms}
    return [
        _put_balance(table, account, {grant_id: facts}),
        *_put_grant(table, account, grant_id, facts, reason=reason, epoch=0),
    ]


def grant(
    table: Table,
    account: str,
    grant_id: str,
    nanos: int,
    *,
    reason: str,
    expires_ms: int,
    epoch: int = 0,
) -> list[Write]:
    """Give credit as a bucket of its own, named by the account's balance, which carries `epoch`.
    The same `grant_id` twice raises Conflict, whoever asks: this is what makes a grant happen
    once. So does a balance that is absent, of another epoch, or names too many grants."""
    facts = {"nanos": nanos, "expires_ms": expires_ms}
    return [
        *_put_grant(table, account, grant_id, facts, reason=reason, epoch=epoch),
        table.update(
            balance_pk(account),
            "BUCKET",
            set_={("grants", grant_id): facts},
            when=exists() & Attr("epoch").eq(epoch) & Attr("grants").size().lt(MAX_GRANTS),
            refused=lambda _: Conflict("The balance does not take this grant."),
        ),
    ]


def _put_balance(table: Table, account: str, grants: Mapping[str, Any]) -> Write:
    return table.put(
        {"pk": balance_pk(account), "sk": "BUCKET", "account": account, "grants": dict(grants)}
        | _EMPTY_BUCKET,
        when=absent(),
        refused=lambda _: Conflict("This account has a balance already."),
    )


def _put_grant(
    table: Table,
    account: str,
    grant_id: str,
    facts: Mapping[str, int],
    *,
    reason: str,
    epoch: int,
) -> list[Write]:
    pk, now_ms, nanos = grant_pk(grant_id), clock.now_ms(), facts["nanos"]
    line = {
        "kind": "grant",
        "state": "settled",
        "account": account,
        "reason": reason,
        "legs": [{"account": PROMOTION, "nanos": -nanos}, {"account": pk, "nanos": nanos}],
        "opened_ms": now_ms,
        "ended_ms": now_ms,
        "gsi1pk": pk,
        "gsi1sk": _statement_sk(now_ms, grant_id),
    }
    bucket = {
        "account": account,
        "status": "active",
        "expires_ms": facts["expires_ms"],
        "reason": reason,
        "available": nanos,
        "seq": 1,
        "epoch": epoch,
        "last_line": line_sk(grant_id),
    }
    return [
        table.put(
            {"pk": pk, "sk": "BUCKET"} | _EMPTY_BUCKET | bucket,
            when=absent(),
            refused=lambda _: Conflict("This grant was given before."),
        ),
        table.put({"pk": pk, "sk": line_sk(grant_id)} | line, when=absent()),
    ]


_EMPTY_BUCKET = {"available": 0, "held": 0, "seq": 0, "epoch": 0, "frozen": False, "last_line": ""}
