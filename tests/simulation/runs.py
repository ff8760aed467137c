"""One run of a scenario in a world, from the first request to rest, and what was wrong with it."""

import base64
import json
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sluice import limits
from sluice.limits import Limits, limits_of
from sluice.prices import Prices
from tests.seam import Seam
from tests.seeds import customer
from tests.simulation.detectors import digest
from tests.simulation.endpoints import Invocation
from tests.simulation.processes import Plan
from tests.simulation.scenarios import NARROW, Client, Scenario
from tests.simulation.world import World
from tests.stage import TABLES, Stage, create_secret, create_tables

SAMPLER = "sdxl-img2img"
SURE_MS = 300_000
"""So long a job is at its model for sure, by clocks that disagree by minutes."""
MAX_LATE_S = 1_500
"""A sweep comes within minutes of a deadline, by clocks that disagree by minutes."""


AMPLE_BUDGET_NANOS = 10**13
"""It never refuses, and every hold and end is counted in it."""
ONE_AT_A_TIME = Limits(key_rate=1, account_rate=2, in_flight=1, waiting=1_000)
"""The least jobs that make one wait, since each of their calls is a point to die at."""


class Run:
    """A finished run."""

    def __init__(self, scenario: Scenario, world: World, client: Client) -> None:
        self.scenario, self.world, self.client = scenario, world, client
        world.watch.check_rest()
        self.faults = [
            *world.watch.faults,
            *self._unscreened_results(),
            *self._unscreened_inputs(),
            *self._swapped_results(),
            *self._forgotten(),
            *self._too_many_runs(),
            *self._unpaid_or_overpaid(),
            *self._held_too_long(),
            *self._crowding(),
        ]

    @property
    def statuses(self) -> list[str]:
        return sorted(item["status"] for item in self.world.watch.jobs if item["sk"] == "JOB")

    def report(self) -> str:
        return "\n".join(
            [
                f"scenario {self.scenario.name!r}",
                *self.faults[:20],
                "--- what happened",
                *self.world.trace,
            ]
        )

    def _unscreened_results(self) -> Iterator[str]:
        """Nothing leaves the platform that no detector allowed."""
        detectors, storage = self.world.detectors, self.world.storage
        published = [storage.objects[key] for key in self.world.watch.results]
        inline = [item["result"].encode() for item in self.world.watch.jobs if "result" in item]
        for content in published + inline:
            if content.startswith(b"\x89PNG"):
                if digest(content) not in detectors.allowed_pictures:
                    yield "a picture was published that no detector allowed"
            elif not all(map(detectors.have_allowed, _words(content))):
                yield f"a text was published that no detector allowed: {content[:200]!r}"

    def _swapped_results(self) -> Iterator[str]:
        """What a job shows of its files is what lies there, whichever run of it came last."""
        for item in self.world.watch.jobs:
            for file in item.get("files", ()):
                key = f"results/{item['id']}/{file['name']}"
                size_bytes = len(self.world.storage.objects.get(key, b""))
                if size_bytes != file["size_bytes"]:
                    yield f"{item['pk']} shows {file} and keeps {size_bytes} bytes"

    def _unscreened_inputs(self) -> Iterator[str]:
        for invocation in self.world.endpoints.invocations:
            if not _was_allowed(invocation, self.world):
                yield f"{invocation.job} reached its model unscreened"

    def _forgotten(self) -> Iterator[str]:
        """What was acknowledged exists, and one key made one job."""
        known = {item["pk"] for item in self.world.watch.jobs if item["sk"] == "JOB"}
        for path, answer in self.client.answers:
            if path.endswith("/jobs") and answer.status < 300:
                job = answer.json["id"]
                if f"JOB#{job}" not in known:
                    yield f"{job} was acknowledged and is gone"
                if self.client.jobs and job not in self.client.jobs.values():
                    yield f"{job} is a second job of the same key"

    def _unpaid_or_overpaid(self) -> Iterator[str]:
        """What was delivered is paid, by the prices of acceptance, up to the hold."""
        for item in self.world.watch.jobs:
            if item.get("status") == "succeeded":
                due = Prices.of(item["prices"]).charge_nanos(item["usage"])
                due = min(due, sum(leg["nanos"] for leg in item["legs"]))
                if item["charged_nanos"] != due:
                    yield f"{item['pk']} was charged {item['charged_nanos']} instead of {due}"

    def _held_too_long(self) -> Iterator[str]:
        for item in self.world.watch.ledger:
            if item.get("kind") == "job" and item["state"] != "open":
                late_ms = item["ended_ms"] - item["deadline_ms"]
                if late_ms > MAX_LATE_S * 1000:
                    yield f"{item['sk']} ended {late_ms} ms after its deadline"

    def _crowding(self) -> Iterator[str]:
        """Whenever a model is asked for a job, no account has more with it than its slots; so
        nobody's job is ever behind more than the other accounts' slots."""
        owners = {
            item["pk"].removeprefix("JOB#"): (item["account"], item["model"])
            for item in self.world.watch.jobs
            if item["sk"] == "JOB"
        }
        asked: dict[str, int] = {}
        answered: set[str] = set()
        most = limits_of(self.scenario.tier).in_flight
        for turn in self.world.endpoints.turns:
            if not turn.is_asked:
                answered.add(turn.job)
                continue
            asked.setdefault(turn.job, turn.at_ms)
            at_once = Counter(
                owners[job]
                for job, since_ms in asked.items()
                if job not in answered and turn.at_ms - since_ms < SURE_MS
            )
            yield from (
                f"{owner} has {count} jobs at its model, and {most} slots"
                for owner, count in at_once.items()
                if count > most
            )

    def _too_many_runs(self) -> Iterator[str]:
        from functions.inference.jobs.dispatch import MAX_RESENDS

        jobs = [invocation.job for invocation in self.world.endpoints.invocations]
        for job in set(jobs):
            # A time-out after its effect lets botocore send the same request again.
            if jobs.count(job) > (MAX_RESENDS + 1) * 3:
                yield f"{job} ran {jobs.count(job)} times"


def _words(content: bytes) -> list[str]:
    """What a result says; vectors and files of sound say nothing."""
    if content.startswith(b"RIFF"):
        return []
    told = json.loads(content)
    heard = [told["text"]] if "text" in told else []
    return heard + [choice["message"]["content"] for choice in told.get("choices", ())]


def _was_allowed(invocation: Invocation, world: World) -> bool:
    """Sound itself nobody screens; what is heard in it is screened as it comes out."""
    asked = json.loads(invocation.payload)
    texts = [asked[name] for name in ("prompt", "text") if name in asked]
    texts += asked.get("input", ())
    texts += [message["content"] for message in asked.get("messages", ())]
    pictures = [base64.b64decode(asked[name]) for name in ("image",) if name in asked]
    assert texts or pictures or "audio" in asked, asked
    return all(map(world.detectors.have_allowed, texts)) and all(
        digest(picture) in world.detectors.allowed_pictures for picture in pictures
    )


def _endpoints(stage: Stage) -> dict[str, Any]:
    """The stage's own, and one that makes several pictures at once."""
    served: dict[str, Any] = json.loads(stage.environment()["ENDPOINTS"])
    return served | {SAMPLER: served["span-x4"] | {"endpoint": f"{stage.prefix}-{SAMPLER}"}}


@contextmanager
def fresh_stage(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Tables of their own in the emulator at `address`, dropped afterwards."""
    stage = Stage(f"sluice-{secrets.token_hex(6)}", address)
    create_tables(stage)
    create_secret(stage)
    for name, value in stage.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ENDPOINTS", json.dumps(_endpoints(stage)))
    try:
        yield stage
    finally:
        for owner in TABLES:
            stage.client("dynamodb").delete_table(TableName=stage.table(owner))


def run(
    scenario: Scenario,
    address: str,
    seam: Seam,
    monkeypatch: pytest.MonkeyPatch,
    *,
    seed: int = 0,
    plan: Plan | None = None,
    is_disorderly: bool = False,
) -> Run:
    """Run a scenario from the first request to rest."""
    monkeypatch.setattr(limits, "TIERS", {**limits.TIERS, NARROW: ONE_AT_A_TIME})
    with fresh_stage(address, monkeypatch) as stage:
        return _run(scenario, World(stage, seam, seed, scenario.model, plan, is_disorderly))


def _run(scenario: Scenario, world: World) -> Run:
    world.endpoints.missing = scenario.is_endpoint_missing
    world.detectors.outage_calls = scenario.outage_calls
    world.stalls, world.is_warm = scenario.stalls, scenario.is_warm
    world.slow_s = scenario.slow_s
    someone = customer(
        world.stage,
        granted_nanos=scenario.granted_nanos,
        bought_nanos=scenario.bought_nanos,
        tier=scenario.tier,
        budget_nanos=AMPLE_BUDGET_NANOS,
    )
    client = Client(world, someone)
    scenario.script(client)
    world.sweep_now_and_then()
    world.run()
    return Run(scenario, world, client)
