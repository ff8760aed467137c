"""Who may be at a model, and who waits: an account's slots and its queue, in the jobs table.

item     pk                          sk                          index (gsi1)
flow     FLOW#{account}#{model}      FLOW                        while jobs wait:
                                                                 WAITING#{shard} / since#flow
place    QUEUE#{account}#{model}     {rank}#{created}#{job}      -

A slot is a member `{until}#{job}` of the flow's `slots`: a job that its model may be working on. It
is taken in the transaction that accepts the job or takes it from the queue, and given back in the
one that ends it; so no crash leaves a slot without its job, nor a job at a model without a slot.
Only what was given up while its model may still work on it keeps its slot: until the model lets go
of it, and at the latest until `until`, when nothing of it can be left. `waiting` counts the places;
both change in one transaction.

Either a job takes a slot or it joins the queue: the two conditions are each other's contrary, so
that nobody overtakes those who wait, and no freed slot is missed by one who just joined.
"""

from dataclasses import dataclass
from zlib import crc32

from boto3.dynamodb.conditions import Attr

from functions.inference.jobs.job import Job
from functions.inference.settings import settings
from sluice import clock
from sluice.errors import RateLimited
from sluice.limits import Limits
from sluice.table import Item, Refusal, Table, Write, absent, exists, sort_key

SHARDS = 4
"""Partitions of the index of flows in which jobs wait, so that it cannot throttle the table."""
KEPT_S = 7 * 24 * 3600
"""How long a flow outlives its last job: longer than any slot or place lasts."""
QUEUE_FULL_RETRY_S = 60
MAX_COUNTED = 1_000
"""Places before a job that are counted for it: forty kilobytes' or so, read at once."""


@dataclass(frozen=True, slots=True)
class Flow:
    """An account's flow to a model as last seen."""

    account: str
    model: str
    slots: frozenset[str] = frozenset()
    waiting: int = 0
    most: int = 0

    @property
    def is_free(self) -> bool:
        return len(self.slots) < self.most

    @property
    def outlived(self) -> set[str]:
        """Slots that nothing can use any more."""
        now = f"{clock.now_ms():013d}"
        return {slot for slot in self.slots if slot < now}


class FlowMoved(Exception):
    """The flow is not as the plan took it; `flow` is as it stands."""

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow)
        self.flow = flow


def _table() -> Table:
    return Table(settings().jobs_table)


def _flow_pk(account: str, model: str) -> str:
    return f"FLOW#{account}#{model}"


def _queue_pk(account: str, model: str) -> str:
    return f"QUEUE#{account}#{model}"


def waiting_shards() -> list[str]:
    """The partitions of the index of flows in which jobs wait."""
    return [f"WAITING#{shard}" for shard in range(SHARDS)]


def slot(job: Job) -> str:
    return f"{job.slot_until_ms:013d}#{job.id}"


# Reading


def find_flow(account: str, model: str) -> Flow:
    """The flow as it stands; one that nobody used yet is empty and full at once."""
    return _flow(account, model, _table().find(_flow_pk(account, model), "FLOW"))


def _flow(account: str, model: str, item: Item | None) -> Flow:
    if item is None:
        return Flow(account, model)
    slots = frozenset(item.get("slots", ()))
    return Flow(account, model, slots, item.get("waiting", 0), item.get("most", 0))


def find_first(account: str, model: str) -> str | None:
    """The id of the job that is next, None when none waits."""
    page = _table().query(_queue_pk(account, model), limit=1)
    return page.items[0]["job"] if page.items else None


def count_before(job: Job) -> int | None:
    """How many are before the job in its queue, None when they are more than anybody counts."""
    pk = _queue_pk(job.account, job.model)
    return _table().count(pk, sort_key().lt(job.place), MAX_COUNTED)


def list_waiting(shard: str, cursor: str | None) -> tuple[list[tuple[str, str]], str | None]:
    """Accounts and models of flows in which jobs wait, or waited a moment ago."""
    page = _table().query(shard, index=True, cursor=cursor)
    return [(item["account"], item["model"]) for item in page.items], page.cursor


# Writes


def take_slot(job: Job, limits: Limits) -> list[Write]:
    """A slot for a job that is being accepted, if one is free and nobody waits; otherwise
    FlowMoved."""
    free = Attr("slots").not_exists() | Attr("slots").size().lt(limits.in_flight)
    nobody_waits = Attr("waiting").not_exists() | Attr("waiting").eq(0)
    return [
        _table().update(
            _flow_pk(job.account, job.model),
            "FLOW",
            add={"slots": {slot(job)}},
            set_=_facts(limits),
            when=free & nobody_waits,
            refused=_moved(job),
        )
    ]


def join(job: Job, limits: Limits) -> list[Write]:
    """A place in the queue for a job that is being accepted, if a slot is not to be had; otherwise
    FlowMoved. A queue that takes no more raises RateLimited `queue_full`."""
    somebody_waits = Attr("waiting").gt(0)
    is_full = Attr("slots").size().gte(limits.in_flight)
    has_room = Attr("waiting").not_exists() | Attr("waiting").lt(limits.waiting)
    pk = _flow_pk(job.account, job.model)
    mark = {
        "gsi1pk": f"WAITING#{crc32(pk.encode()) % SHARDS}",
        "gsi1sk": f"{job.created_ms:013d}#{pk}",
    }
    return [
        _table().update(
            pk,
            "FLOW",
            add={"waiting": 1},
            set_=_facts(limits) | mark | {"account": job.account, "model": job.model},
            when=(somebody_waits | is_full) & has_room,
            refused=_why_not_joined(job, limits),
        ),
        _table().put(
            {
                "pk": _queue_pk(job.account, job.model),
                "sk": job.place,
                "job": job.id,
                "ttl": job.deadline_ms // clock.MS_PER_S + KEPT_S,
            },
            when=absent(),
        ),
    ]


def start(job: Job, flow: Flow) -> list[Write]:
    """From its place to a slot; FlowMoved when no slot is free, or it has no place any more."""
    return [
        _table().update(
            _flow_pk(job.account, job.model),
            "FLOW",
            add={"slots": {slot(job)}, "waiting": -1},
            when=(Attr("slots").not_exists() | Attr("slots").size().lt(flow.most))
            & Attr("waiting").gt(0),
            refused=_moved(job),
        ),
        _leave_place(job),
    ]


def leave_queue(job: Job) -> list[Write]:
    """Give up the place of a job that ends without having had a slot."""
    pk = _flow_pk(job.account, job.model)
    left = _table().update(
        pk, "FLOW", add={"waiting": -1}, when=Attr("waiting").gt(0), refused=_moved(job)
    )
    return [left, _leave_place(job)]


def give_back(job: Job) -> Write:
    """The job's slot is free again; also when it was before."""
    return _table().update(_flow_pk(job.account, job.model), "FLOW", take={"slots": {slot(job)}})


def give_back_outlived(flow: Flow) -> Write:
    """Free what nothing can use any more."""
    return _table().update(
        _flow_pk(flow.account, flow.model), "FLOW", take={"slots": flow.outlived}, when=exists()
    )


def forget_waiting(flow: Flow) -> Write:
    """Take a flow in which nobody waits from the index; FlowMoved when somebody does."""
    return _table().update(
        _flow_pk(flow.account, flow.model),
        "FLOW",
        remove=("gsi1pk", "gsi1sk"),
        when=Attr("waiting").eq(0),
        refused=lambda old: FlowMoved(_flow(flow.account, flow.model, old)),
    )


def _why_not_joined(job: Job, limits: Limits) -> Refusal:
    def explain(old: Item | None) -> Exception:
        now = _flow(job.account, job.model, old)
        if now.waiting < limits.waiting:
            return FlowMoved(now)
        return RateLimited(
            f"{limits.waiting} of your jobs wait for {job.model} already; send more once some of "
            "them have ended.",
            code="queue_full",
            retry_after_s=QUEUE_FULL_RETRY_S,
        )

    return explain


def _leave_place(job: Job) -> Write:
    return _table().delete(
        _queue_pk(job.account, job.model), job.place, when=exists(), refused=_moved(job)
    )


def _facts(limits: Limits) -> dict[str, int]:
    return {"most": limits.in_flight, "ttl": clock.now_s() + KEPT_S}


def _moved(job: Job) -> Refusal:
    return lambda old: FlowMoved(_flow(job.account, job.model, old))
