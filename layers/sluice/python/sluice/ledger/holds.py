"""A hold's two writes, taken and ended: values for a transaction, each knowing what its refusal
means."""

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from boto3.dynamodb.conditions import Attr

from sluice import clock
from sluice.errors import Conflict, Forbidden, Unauthenticated, Unavailable
from sluice.ledger.buckets import BucketShort, Leg
from sluice.ledger.caps import Cap, give_back, take
from sluice.ledger.keys import HOLD_SHARDS, REVENUE, line_sk, statement_sk
from sluice.table import Item, Refusal, Table, Write, absent

_SPENT = (
    "This Idempotency-Key belongs to a job that is no longer kept; use a new key for a new job."
)
"""Only a derived job id comes twice, and a job that is kept answers before its line does."""


class AlreadyEnded(Exception):
    """The hold was settled or released before; its line stands as it is."""


def hold(  # noqa: PLR0913  # a hold is all of this
    table: Table,
    legs: Sequence[Leg],
    *,
    account: str,
    job: str,
    epoch: int,
    deadline_ms: int,
    price: Mapping[str, Any],
    look_ms: int | None = None,
    caps: Sequence[Cap] = (),
) -> list[Write]:
    """Reserve each leg, the bucket's update and its open line, and count them in each cap. A leg
    that no longer fits raises BucketShort, a credential from before the account was secured raises
    Unauthenticated, and one from after, until the bucket knows of it, Unavailable; a cap that is
    reached raises InsufficientCredit `budget_exhausted`. Who walks the index of open holds comes by
    at `look_ms`, or at once."""
    total, counted = sum(leg.nanos for leg in legs), tuple(cap.pk for cap in caps)
    writes = [
        write
        for leg in legs
        for write in (
            _take(table, leg, job, epoch),
            _open(table, leg, account, job, deadline_ms, price, look_ms, counted),
        )
    ]
    return writes + [take(table, cap, total) for cap in caps]


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
        if old is not None and old["epoch"] < epoch:
            return Unavailable("The account is being secured; try again.", retry_after_s=2)
        if old is not None and old["epoch"] != epoch:
            return Unauthenticated("The account was secured since this credential was made.")
        if old is not None and old["frozen"]:
            return Forbidden("The account's credit is frozen; ask support.", code="credit_frozen")
        return BucketShort(pk, old)

    return explain


def _open(
    table: Table,
    leg: Leg,
    account: str,
    job: str,
    deadline_ms: int,
    price: Mapping[str, Any],
    look_ms: int | None,
    caps: Sequence[str],
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
            "gsi1sk": _look_sk(opened_ms if look_ms is None else look_ms, job),
        }
        | ({"caps": list(caps)} if caps else {}),
        when=absent(),
        refused=lambda _: Conflict(_SPENT, code="idempotency_key_spent"),
    )


def reschedule(
    table: Table, legs: Sequence[Leg], job: str, *, look_ms: int, deadline_ms: int
) -> list[Write]:
    """Change when an open hold is looked at, and by when it ends; one that ended raises
    AlreadyEnded."""
    return [
        table.update(
            leg.bucket,
            line_sk(job),
            set_={"deadline_ms": deadline_ms, "gsi1sk": _look_sk(look_ms, job)},
            when=Attr("state").eq("open"),
            refused=lambda _: AlreadyEnded(job),
        )
        for leg in legs
    ]


def _look_sk(look_ms: int, job: str) -> str:
    return f"{look_ms:013d}#{job}"


def settle(
    table: Table, legs: Sequence[Leg], job: str, charge_nanos: int, caps: Sequence[str] = ()
) -> list[Write]:
    """End a hold: charge the legs in the order they were planned, give back the rest, also to the
    `caps` that it was counted in. A hold that ended before raises AlreadyEnded. A charge of 0
    releases."""
    held_nanos = sum(leg.nanos for leg in legs)
    if not 0 <= charge_nanos <= held_nanos:
        raise ValueError(f"a charge of {charge_nanos} against a hold of {held_nanos}")
    writes, left = [], charge_nanos
    for leg in legs:
        part = min(left, leg.nanos)
        left -= part
        writes += [_give_back(table, leg, job, part), _close(table, leg, job, part)]
    rest = held_nanos - charge_nanos
    return writes + [give_back(table, pk, rest) for pk in caps if rest]


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
        "gsi1sk": statement_sk(ended_ms, job),
    }
    return table.update(
        leg.bucket,
        line_sk(job),
        set_=entry,
        when=Attr("state").eq("open"),
        refused=lambda _: AlreadyEnded(job),
    )
