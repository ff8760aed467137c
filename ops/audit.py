"""Checks that a ledger adds up: the rules of money as predicates over its items.

    python -m ops audit --table sluice-dev-ledger

Reads every item, writes nothing. Exit status 1 when a fault is there at a second look as well: a
table in use moves while it is read, so a bucket is judged again from a reading during which it
stood still. The predicates are pure, so tests and simulations judge by the same ones.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import boto3
from boto3.dynamodb.conditions import Key
from botocore.exceptions import BotoCoreError, ClientError

type Item = Mapping[str, Any]

STATES: Final = ("open", "settled", "released")
MAX_STILL_READINGS: Final = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule: where, what about it, the numbers, and the partitions it was seen in."""

    where: str
    rule: str
    detail: str
    partitions: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.where}: {self.rule} ({self.detail})"


def ledger_faults(items: Iterable[Item]) -> list[Fault]:
    """Everything that must hold at every commit, over a whole ledger table."""
    everything = list(items)
    partitions: dict[str, list[Item]] = defaultdict(list)
    for item in everything:
        partitions[item["pk"]].append(item)
    within = [
        fault
        for pk, part in partitions.items()
        if not pk.startswith("CAP#")
        for fault in bucket_faults(pk, part)
    ]
    return [
        *within,
        *_job_faults(everything),
        *_naming_faults(everything),
        *_cap_faults(everything),
    ]


def bucket_faults(pk: str, partition: Sequence[Item]) -> Iterator[Fault]:
    """One bucket equals the fold of the lines beside it, is nowhere negative, counted its steps."""
    lines = [item for item in partition if item["sk"].startswith("LINE#")]
    for line in lines:
        yield from _line_faults(line)
    bucket = next((item for item in partition if item["sk"] == "BUCKET"), None)
    if bucket is None:
        yield Fault(pk, "lines without a bucket", str(len(lines)), (pk,))
        return
    held = sum(line["held_nanos"] for line in lines if line["state"] == "open")
    posted = sum(leg["nanos"] for line in lines for leg in _legs(line) if leg["account"] == pk)
    stored = bucket["available"] + bucket["held"]
    steps = sum(2 if line["kind"] == "job" and line["state"] != "open" else 1 for line in lines)
    known = {line["sk"] for line in lines} | ({""} if not lines else set())
    for broken, rule, detail in (
        (bucket["available"] < 0, "available is negative", bucket["available"]),
        (bucket["held"] < 0, "held is negative", bucket["held"]),
        (bucket["held"] != held, "held is not what open lines hold", f"{bucket['held']}, {held}"),
        (stored != posted, "the balance is not the fold of its lines", f"{stored}, {posted}"),
        (bucket["seq"] != steps, "seq is not the steps of its lines", f"{bucket['seq']}, {steps}"),
        (bucket["last_line"] not in known, "last_line is none of its lines", bucket["last_line"]),
    ):
        if broken:
            yield Fault(pk, rule, str(detail), (pk,))


def _line_faults(line: Item) -> Iterator[Fault]:
    """A line is in exactly one state, its legs sum to zero, and it settles within its hold."""
    legs, state, is_job = _legs(line), line["state"], line["kind"] == "job"
    total = sum(leg["nanos"] for leg in legs)
    charged = (
        f"held {line.get('held_nanos')}, charged {line.get('charged_nanos')}, legs {len(legs)}"
    )
    for broken, rule, detail in (
        (total != 0, "its legs do not sum to zero", str(total)),
        (state not in STATES, "it has no known state", state),
        (is_job and not _is_consistent(line), "its state and its charge disagree", charged),
        (not is_job and (state != "settled" or not legs), "only a job holds", state),
    ):
        if broken:
            yield Fault(f"{line['pk']} {line['sk']}", rule, detail, (line["pk"],))


def _is_consistent(line: Item) -> bool:
    charged, legs = line.get("charged_nanos"), _legs(line)
    taken = -sum(leg["nanos"] for leg in legs if leg["account"] == line["pk"])
    has_ended = "ended_ms" in line
    match line["state"]:
        case "open":
            return charged is None and not legs and not has_ended
        case "released":
            return charged == 0 and not legs and has_ended
    return charged == taken and 0 < taken <= line["held_nanos"] and has_ended


def _job_faults(items: Sequence[Item]) -> Iterator[Fault]:
    """The lines of one hold, one for each bucket it draws on, end together. A job's id may come
    again once its job is no longer kept; the deadline then tells the holds apart."""
    holds: dict[tuple[str, int], list[Item]] = defaultdict(list)
    for item in items:
        if item.get("kind") == "job":
            holds[item["job"], item.get("deadline_ms", 0)].append(item)
    for (job, _), lines in holds.items():
        states, accounts = {line["state"] for line in lines}, {line["account"] for line in lines}
        partitions = tuple(line["pk"] for line in lines)
        if "open" in states and len(states) > 1:
            yield Fault(job, "its lines did not end together", str(sorted(states)), partitions)
        if len(accounts) > 1:
            yield Fault(job, "it drew on several accounts", str(sorted(accounts)), partitions)


def _naming_faults(items: Sequence[Item]) -> Iterator[Fault]:
    """A grant belongs to exactly the account whose balance names it."""
    owners: dict[str, str] = {}
    named: dict[str, str] = {}
    for item in items:
        if item["sk"] == "BUCKET" and item["pk"].startswith("GRANT#"):
            owners[item["pk"]] = item["account"]
        elif item["sk"] == "BUCKET":
            named |= {f"GRANT#{grant}": item["pk"] for grant in item["grants"]}
    for pk in owners.keys() | named.keys():
        owner, balance = owners.get(pk), named.get(pk, "")
        if owner is None or balance.split("#")[1:2] != [owner]:
            partitions = (pk, balance) if balance else (pk,)
            yield Fault(
                pk, "its owner's balance does not name it", f"{owner}, {balance}", partitions
            )


def _cap_faults(items: Sequence[Item]) -> Iterator[Fault]:
    """What a cap has used is what the lines that name it hold and have spent."""
    used: dict[str, int] = defaultdict(int)
    where: dict[str, set[str]] = defaultdict(set)
    for item in items:
        for cap in item.get("caps", ()) if item.get("kind") == "job" else ():
            used[cap] += item["held_nanos"] if item["state"] == "open" else item["charged_nanos"]
            where[cap].add(item["pk"])
    stored = {item["pk"]: item["used"] for item in items if item["sk"] == "CAP"}
    for cap in used.keys() | stored.keys():
        if used.get(cap, 0) != stored.get(cap, 0):
            detail = f"{stored.get(cap, 0)}, {used.get(cap, 0)}"
            yield Fault(cap, "used is not what its lines say", detail, (cap, *sorted(where[cap])))


def _legs(line: Item) -> Sequence[Mapping[str, Any]]:
    legs: Sequence[Mapping[str, Any]] = line.get("legs", ())
    return legs


def audit(table: Any) -> tuple[int, list[Fault]]:
    """How many items a live table (a boto3 Table) has, and the faults found at both looks."""
    items = _pages(table.scan, ConsistentRead=True)
    first = ledger_faults(items)
    suspects = {pk for fault in first for pk in fault.partitions}
    again = ledger_faults(item for pk in suspects for item in _still_partition(table, pk))
    seen = {(fault.where, fault.rule) for fault in first}
    return len(items), [fault for fault in again if (fault.where, fault.rule) in seen]


def _still_partition(table: Any, pk: str) -> list[Item]:
    """A partition as read while its bucket took no step, or the last reading of a busy one."""
    partition: list[Item] = []
    for _ in range(MAX_STILL_READINGS):
        before = _bucket(table, pk)
        partition = _pages(
            table.query, KeyConditionExpression=Key("pk").eq(pk), ConsistentRead=True
        )
        if before == _bucket(table, pk):
            break
    return partition


def _bucket(table: Any, pk: str) -> Any:
    return table.get_item(Key={"pk": pk, "sk": "BUCKET"}, ConsistentRead=True).get("Item")


def _pages(read: Any, **request: Any) -> list[Item]:
    """Bounded by the table itself."""
    items: list[Item] = []
    while True:
        answer = read(**request)
        items += answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return items
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="sluicectl audit", description=__doc__)
    parser.add_argument("--table", default="sluice-local-ledger", help="the ledger table's name")
    chosen = parser.parse_args(arguments)
    try:
        count, faults = audit(boto3.resource("dynamodb").Table(chosen.table))
    except (BotoCoreError, ClientError) as error:
        print(f"{chosen.table} cannot be read: {error}", file=sys.stderr)
        return 2
    for fault in faults:
        print(fault)
    print(f"{count} items, {len(faults)} faults")
    return 1 if faults else 0
