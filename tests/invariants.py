"""The rules of money as predicates over whole tables: each gives what it found wrong, in words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ops import audit

type Item = Mapping[str, Any]

ENDED = {"succeeded", "failed", "canceled", "expired", "blocked"}


def ledger_faults(items: Iterable[Item]) -> list[str]:
    """Everything that must hold at every commit, by the predicates that operators audit with."""
    return [str(fault) for fault in audit.ledger_faults(items)]


def _sorted(items: Iterable[Item]) -> tuple[dict[str, Item], list[Item]]:
    buckets: dict[str, Item] = {}
    lines: list[Item] = []
    for item in items:
        if item["sk"] == "BUCKET":
            buckets[item["pk"]] = item
        elif item["sk"].startswith("LINE#"):
            lines.append(item)
    return buckets, lines


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


def flow_faults(jobs: Iterable[Item], latest_ms: int = 0) -> list[str]:
    """Slots and queues agree with the jobs at every commit: an open job has either a slot or a
    place, but for one whose slot was over by `latest_ms`, the fastest clock: that anybody may free.
    An account has no more slots than its tier gives, and what a flow counts is there."""
    items = list(jobs)
    known = {item["pk"].removeprefix("JOB#"): item for item in items if item["sk"] == "JOB"}
    places = {item["job"]: item["pk"] for item in items if item["pk"].startswith("QUEUE#")}
    flows = {item["pk"].removeprefix("FLOW#"): item for item in items if item["sk"] == "FLOW"}
    slots = {
        slot.partition("#")[2]: key for key, flow in flows.items() for slot in flow.get("slots", ())
    }
    waiting = Counter(place.removeprefix("QUEUE#") for place in places.values())
    return [
        *(
            fault
            for job, item in known.items()
            for fault in _place_faults(job, item, slots, places)
            if item.get("slot_until_ms", latest_ms + 1) > latest_ms
        ),
        *(f"{job} has a place and does not exist" for job in places if job not in known),
        *(f"{job} has a slot and does not exist" for job in slots if job not in known),
        *(
            f"{key} has {len(flow['slots'])} slots of {flow['most']}"
            for key, flow in flows.items()
            if len(flow.get("slots", ())) > flow["most"]
        ),
        *(
            f"{key} counts {flow.get('waiting', 0)} places and has {waiting[key]}"
            for key, flow in flows.items()
            if flow.get("waiting", 0) != waiting[key]
        ),
    ]


def _place_faults(
    job: str, item: Item, slots: Mapping[str, str], places: Mapping[str, str]
) -> Iterator[str]:
    key = f"{item['account']}#{item['model']}"
    has_slot, has_place = slots.get(job) == key, places.get(job) == f"QUEUE#{key}"
    if item["status"] not in ENDED and has_slot == has_place:
        yield f"{job} is open, and has a slot: {has_slot}, a place: {has_place}"
    if item["status"] in ENDED and has_place:
        yield f"{job} has ended and keeps its place"
    if item["status"] in ENDED and has_slot and "slot_until_ms" not in item:
        yield f"{job} has ended and keeps a slot that it does not know of"
