"""The rules of money as predicates over whole tables: each gives what it found wrong, in words."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

type Item = Mapping[str, Any]

ENDED = {"succeeded", "failed", "canceled", "expired", "blocked"}


def ledger_faults(items: Iterable[Item]) -> list[str]:
    """Everything that must hold at every commit."""
    buckets, lines = _sorted(items)
    return [
        *_bucket_faults(buckets, lines),
        *(fault for line in lines for fault in _line_faults(line)),
        *(
            f"{line['pk']} {line['sk']} has no bucket"
            for line in lines
            if line["pk"] not in buckets
        ),
    ]


def _sorted(items: Iterable[Item]) -> tuple[dict[str, Item], list[Item]]:
    buckets: dict[str, Item] = {}
    lines: list[Item] = []
    for item in items:
        if item["sk"] == "BUCKET":
            buckets[item["pk"]] = item
        elif item["sk"].startswith("LINE#"):
            lines.append(item)
    return buckets, lines


@dataclass(slots=True)
class _Fold:
    """What the lines say of one bucket: so much was posted, is held, in so many steps."""

    posted: int = 0
    held: int = 0
    steps: int = 0


def _folded(lines: list[Item]) -> dict[str, _Fold]:
    folds: dict[str, _Fold] = defaultdict(_Fold)
    for line in lines:
        fold = folds[line["pk"]]
        fold.steps += 2 if line["kind"] == "job" and line["state"] != "open" else 1
        if line["state"] == "open":
            fold.held += line["held_nanos"]
        for leg in line.get("legs", ()):
            folds[leg["account"]].posted += leg["nanos"]
    return folds


def _bucket_faults(buckets: Mapping[str, Item], lines: list[Item]) -> Iterator[str]:
    """A stored balance equals the fold of its lines, and nothing is negative."""
    folds = _folded(lines)
    for pk, bucket in buckets.items():
        available, held, fold = bucket["available"], bucket["held"], folds[pk]
        if available < 0 or held < 0:
            yield f"{pk} is negative: {available} available, {held} held"
        if held != fold.held:
            yield f"{pk} holds {held}, its open lines {fold.held}"
        if available + held != fold.posted:
            yield f"{pk} stores {available + held}, its lines {fold.posted}"
        if bucket["seq"] != fold.steps:
            yield f"{pk} is at seq {bucket['seq']}, its lines took {fold.steps} steps"
    total = sum(fold.posted for fold in folds.values())
    if total:
        yield f"all legs sum to {total}"


def _line_faults(line: Item) -> Iterator[str]:
    """A hold is open, settled or released; what is settled is within the hold."""
    name = f"{line['pk']} {line['sk']}"
    legs = line.get("legs", [])
    if sum(leg["nanos"] for leg in legs):
        yield f"{name} has unequal legs"
    if line["kind"] != "job":
        return
    charged = line.get("charged_nanos")
    expected = {
        "open": charged is None and not legs,
        "released": charged == 0 and not legs,
        "settled": charged is not None and 0 < charged <= line["held_nanos"] and len(legs) == 2,
    }
    if not expected.get(line["state"], False):
        yield f"{name} is {line['state']} with a charge of {charged} and {len(legs)} legs"


def job_faults(jobs: Iterable[Item], ledger: Iterable[Item], results: Iterable[str]) -> list[str]:
    """Jobs and lines agree at every commit. `results` are the keys of published files."""
    _, lines = _sorted(ledger)
    by_job: dict[str, list[Item]] = defaultdict(list)
    for line in lines:
        if line["kind"] == "job":
            by_job[line["job"]].append(line)
    known = {item["pk"].removeprefix("JOB#"): item for item in jobs if item["sk"] == "JOB"}
    published = {key.split("/")[1] for key in results}
    return [
        *(f"{job} has lines but does not exist" for job in by_job if job not in known),
        *(
            fault
            for job, item in known.items()
            for fault in _job_faults(job, item, by_job[job], job in published)
        ),
    ]


def _job_faults(job: str, item: Item, lines: list[Item], is_published: bool) -> Iterator[str]:
    legs = {(leg["bucket"], leg["nanos"]) for leg in item["legs"]}
    if {(line["pk"], line["held_nanos"]) for line in lines} != legs or len(lines) != len(legs):
        yield f"{job} has legs {sorted(legs)}, which are not its lines"
    status, charged = item["status"], item.get("charged_nanos")
    states = {line["state"] for line in lines}
    if status not in ENDED:
        if states != {"open"} or charged is not None:
            yield f"{job} is {status}, its lines {sorted(states)}, its charge {charged}"
        return
    if "open" in states:
        yield f"{job} is {status} and still holds"
    if charged != sum(line.get("charged_nanos", 0) for line in lines):
        yield f"{job} says a charge of {charged}, its lines another"
    if charged and status != "succeeded":
        yield f"{job} is {status} and was charged {charged}"
    has_result = "result" in item or is_published
    if charged and not item.get("deleted") and not has_result:
        yield f"{job} was charged {charged} and has no result"


def leftovers(jobs: Iterable[Item], ledger: Iterable[Item], results: Iterable[str]) -> list[str]:
    """What must be gone once everything is quiet: open jobs and holds, results nobody may have."""
    _, lines = _sorted(ledger)
    known = {item["pk"].removeprefix("JOB#"): item for item in jobs if item["sk"] == "JOB"}
    return [
        *(f"{line['pk']} {line['sk']} is still open" for line in lines if line["state"] == "open"),
        *(f"{job} is still {i['status']}" for job, i in known.items() if i["status"] not in ENDED),
        *(f"{key} stays published" for key in results if not _may_keep(known, key.split("/")[1])),
    ]


def _may_keep(jobs: Mapping[str, Item], job: str) -> bool:
    item = jobs.get(job)
    return item is not None and item["status"] == "succeeded" and not item.get("deleted")
