"""Webhooks in the jobs table.

item        pk                     sk          index (gsi1)                          ttl
webhooks    HOOKS#{account}        HOOKS       -                                     -
delivery    DELIVERIES#{account}   {delivery}  LANE#{lane} / due#{delivery}          30 days
                                               while pending
lane        LANE#{lane}            LANE        DUE#{shard} / due                     30 days idle
                                               while anything is pending

An account's webhooks (`hooks`) are one item, so that one read tells whom an event concerns, and
their number is exact. A delivery's id is derived from the job and the webhook, which makes it
happen once. Only whoever holds a lane's lease changes its pending deliveries; the lane counts them,
so it leaves the index of what is due exactly when none is left, whatever an index may show late.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, replace

from boto3.dynamodb.conditions import Attr, ConditionBase
from botocore.exceptions import ClientError

from functions.inference.settings import settings
from functions.inference.webhooks.delivery import Delivery, Lane, LaneLeft
from sluice import clock, ids
from sluice.errors import Conflict, NotFound, RateLimited
from sluice.table import MAX_PAGE, Item, Page, Table, Transaction, Write, absent, exists, sort_key

DUE_SHARDS = 4
RETENTION_S = 30 * 24 * 3600
LEASE_S = 90
"""Longer than the worker's function lives, so a lease that ran out has nobody at work."""
LEASE_BYTES = 16
MAX_PENDING_BY_HAND = 100
"""Tests and redeliveries that may wait in one lane: nobody's server is ours to hammer at."""
MAX_PAGES_OF_JOB = 5
"""Of an account's deliveries of eight milliseconds: more than any job leads to."""


class DeliveryExists(Exception):
    """The event is on its way to this receiver already."""


class LaneBusy(Exception):
    """The lane is worked, rests after failures, or has nothing to deliver."""


class LaneContended(Exception):
    """Something arrives in the lane at this very moment."""


class LaneChanged(Exception):
    """Something arrived in the lane while it was worked."""


class LeaseLost(Exception):
    """The lane or one of its deliveries is no longer this worker's."""


def _table() -> Table:
    return Table(settings().jobs_table)


# Deliveries


def arrive(delivery: Delivery) -> Transaction:
    """A new event for a receiver; raises DeliveryExists."""
    return Transaction().add(
        _table().put(
            _delivery_item(delivery),
            when=absent(),
            refused=lambda old: DeliveryExists(delivery.id),
        ),
        _arrival(delivery),
    )


def arrive_by_hand(delivery: Delivery, *before: Write) -> Transaction:
    """The same for a test event, unless what is to be written `before` is refused; raises
    RateLimited when too many wait."""
    made = _table().put(_delivery_item(delivery), when=absent())
    return Transaction().add(*before, made, _arrival(delivery, bounded=True))


def send_again(delivery: Delivery, *before: Write) -> Transaction:
    """Make an ended delivery pending once more, unless what is to be written `before` is refused;
    raises Conflict, RateLimited."""
    now_ms = clock.now_ms()
    again = replace(delivery, state="pending", tries=0, reason=None, due_ms=now_ms, asked_ms=now_ms)
    return Transaction().add(
        *before,
        _table().put(
            _delivery_item(again),
            when=Attr("state").ne("pending") & exists(),
            refused=lambda old: Conflict(
                "This delivery is still on its way.", code="delivery_pending"
            ),
        ),
        _arrival(again, bounded=True),
    )


def _arrival(delivery: Delivery, *, bounded: bool = False) -> Write:
    room = Attr("pending").not_exists() | Attr("pending").lt(MAX_PENDING_BY_HAND)
    now_ms = clock.now_ms()
    return _table().update(
        f"LANE#{delivery.lane}",
        "LANE",
        set_={
            "id": delivery.lane,
            "account": delivery.account,
            "gsi1pk": due_shard(delivery.lane),
            "gsi1sk": f"{now_ms:013d}",
            "ttl": now_ms // clock.MS_PER_S + RETENTION_S,
        }
        | ({} if delivery.webhook is None else {"webhook": delivery.webhook}),
        add={"pending": 1, "arrivals": 1},
        when=room if bounded else None,
        refused=lambda old: RateLimited(
            f"{MAX_PENDING_BY_HAND} deliveries wait for this receiver already.", retry_after_s=60
        ),
    )


def get_delivery(account: str, delivery_id: str) -> Delivery:
    item = _table().find(f"DELIVERIES#{account}", delivery_id)
    if item is None:
        raise NotFound(f"You have no delivery {delivery_id[:40]!r}.", code="delivery_not_found")
    return _delivery(item)


def list_deliveries(
    account: str, where: ConditionBase | None, beginning: str, limit: int, cursor: str | None
) -> tuple[list[Delivery], str | None]:
    """Newest event first, of ids that begin so; `where` filters after reading."""
    page = _table().query(
        f"DELIVERIES#{account}",
        sk=sort_key().begins_with(beginning),
        where=where,
        limit=limit,
        cursor=cursor,
        newest_first=True,
    )
    return [_delivery(item) for item in page.items], page.cursor


def list_of_job(account: str, job: str, ended_ms: int) -> list[Delivery]:
    """What the job's end led to: found by when it ended, which their ids begin with."""
    found: list[Delivery] = []
    cursor = None
    for _ in range(MAX_PAGES_OF_JOB):
        page, cursor = list_deliveries(
            account, Attr("job").eq(job), ids.beginning_at("dlv", ended_ms), MAX_PAGE, cursor
        )
        found += page
        if cursor is None:
            break
    return found


# Lanes


def due_shard(lane: str) -> str:
    return f"DUE#{hashlib.sha256(lane.encode()).digest()[0] % DUE_SHARDS}"


def due_shards() -> list[str]:
    return [f"DUE#{shard}" for shard in range(DUE_SHARDS)]


def list_due(shard: str, cursor: str | None) -> tuple[list[str], str | None]:
    """The lanes of one shard in which something is due."""
    until = sort_key(index=True).lte(f"{clock.now_ms():013d}")
    page = _table().query(shard, index=True, sk=until, cursor=cursor)
    return [item["id"] for item in page.items], page.cursor


def take(lane_id: str) -> Lane:
    """Take the lane's lease: until it ends nobody else delivers from it. Raises LaneBusy,
    LaneContended."""
    now_ms = clock.now_ms()
    until_ms = now_ms + LEASE_S * clock.MS_PER_S
    lease = _table().update(
        f"LANE#{lane_id}",
        "LANE",
        set_={
            "lease": ids.token(LEASE_BYTES).hex(),
            "lease_until_ms": until_ms,
            "gsi1sk": f"{until_ms:013d}",
        },
        when=Attr("pending").gt(0) & _past("lease_until_ms") & _past("rests_until_ms"),
        refused=lambda old: LaneBusy(lane_id),
    )
    try:
        item = lease.send("ALL_NEW")
    except ClientError as error:
        if error.response["Error"]["Code"] != "TransactionConflictException":
            raise
        raise LaneContended(lane_id) from None
    return Lane(**{name: item[name] for name in Lane.__slots__ if name in item})


def _past(moment: str) -> ConditionBase:
    return Attr(moment).not_exists() | Attr(moment).lte(clock.now_ms())


def list_pending(lane: Lane, limit: int) -> tuple[list[Delivery], bool]:
    """The lane's next deliveries by the index, which may lag, and whether there may be more."""
    page: Page = _table().query(f"LANE#{lane.id}", index=True, limit=limit)
    return [_delivery(item) for item in page.items], page.cursor is not None


def read_deliveries(account: str, delivery_ids: Sequence[str]) -> list[Delivery]:
    """As they are now, by when they are due."""
    pk = f"DELIVERIES#{account}"
    items = _table().find_many([(pk, delivery_id) for delivery_id in delivery_ids])
    return sorted(map(_delivery, items), key=lambda one: (one.due_ms, one.id))


def note(before: Delivery, after: Delivery) -> Write:
    """What an attempt led to, if nobody else made one; raises LeaseLost."""
    return _table().put(
        _delivery_item(after),
        when=Attr("state").eq("pending") & Attr("tries").eq(before.tries),
        refused=lambda old: LeaseLost(before.id),
    )


def release(lane: Lane, left: LaneLeft, *, only_if_quiet: bool) -> Write:
    """Give the lane back; raises LeaseLost, or LaneChanged when something arrived meanwhile and it
    was to be quiet."""

    def refused(old: Item | None) -> Exception:
        is_mine = old is not None and old.get("lease") == lane.lease
        return LaneChanged(lane.id) if is_mine else LeaseLost(lane.id)

    facts = {
        "lease": "",
        "lease_until_ms": 0,
        "strikes": left.strikes,
        "rests_until_ms": left.rests_until_ms,
        "failing_since_ms": left.failing_since_ms,
        "gsi1sk": None if left.due_ms is None else f"{left.due_ms:013d}",
    }
    gone = [name for name, value in facts.items() if value is None]
    mine: ConditionBase = Attr("lease").eq(lane.lease)
    return _table().update(
        f"LANE#{lane.id}",
        "LANE",
        set_={name: value for name, value in facts.items() if value is not None},
        add={"pending": -left.ended},
        remove=[*gone, *(["gsi1pk"] if left.due_ms is None else [])],
        when=mine & Attr("arrivals").eq(lane.arrivals) if only_if_quiet else mine,
        refused=refused,
    )


def forgive(lane_id: str) -> Write:
    """Forget that the receiver failed, since its owner changed something about it; raises LaneBusy
    when nothing was ever sent to it."""
    return _table().update(
        f"LANE#{lane_id}",
        "LANE",
        set_={"strikes": 0, "rests_until_ms": 0},
        remove=("failing_since_ms",),
        when=exists(),
        refused=lambda old: LaneBusy(lane_id),
    )


# Items


def _delivery_item(delivery: Delivery) -> Item:
    """In the lane's index while it is pending, and kept for its time once it is not."""
    if delivery.state == "pending":
        placed: Item = {
            "gsi1pk": f"LANE#{delivery.lane}",
            "gsi1sk": f"{delivery.due_ms:013d}#{delivery.id}",
        }
    else:
        placed = {"ttl": clock.now_s() + RETENTION_S}
    return asdict(delivery) | {"pk": f"DELIVERIES#{delivery.account}", "sk": delivery.id} | placed


def _delivery(item: Item) -> Delivery:
    fields = {name: item[name] for name in Delivery.__slots__ if name in item}
    return Delivery(**fields | {"attempts": tuple(fields.get("attempts", ()))})
