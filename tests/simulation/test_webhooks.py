"""Webhooks whatever dies and whatever comes late: each end of a job is told at least once, to each
receiver, and the log says so."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from functions.inference.webhooks import service
from functions.inference.webhooks.hooks import get_hooks
from functions.inference.webhooks.sender import Letter, Outcome
from functions.inference.webhooks.service import Wish
from sluice import ids
from tests.seam import Seam
from tests.seeds import customer
from tests.simulation.processes import Plan
from tests.simulation.runs import fresh_stage
from tests.simulation.scenarios import Client, answer_chat, chat, gives
from tests.simulation.test_crashes import Point, crash_at, points_of
from tests.simulation.test_schedules import trouble
from tests.simulation.webhooks import Behaviour, Post
from tests.simulation.world import World

URL, OWN_URL = "https://hooks.example.com/", "https://own.example.com/"
DAY_S = 24 * 3600
JOBS = 2
SCHEDULES, SLICE = 200, 6


def well(letter: Letter, at_ms: int) -> Outcome:
    return Outcome(5, 204)


def down_for_a_day(letter: Letter, at_ms: int) -> Outcome:
    return Outcome(5, 204) if at_ms > DAY_S * 1000 else Outcome(5, error="connection_failed")


def failing_first() -> Behaviour:
    calls = count()
    return lambda letter, at_ms: Outcome(5, 500 if next(calls) == 0 else 204)


def told(
    address: str,
    seam: Seam,
    monkeypatch: pytest.MonkeyPatch,
    behaviour: Behaviour,
    plan: Plan | None = None,
    seed: int | None = None,
) -> World:
    """Two jobs end; one has a webhook of its own, beside the account's."""
    with fresh_stage(address, monkeypatch) as stage:
        world = World(stage, seam, seed or 0, gives(answer_chat()), plan, seed is not None)
        post = Post(world, behaviour, monkeypatch)
        someone = customer(stage, bought_nanos=10**9)
        webhook, _ = service.create(someone.account, Wish(URL, (), ""), None)
        client = Client(world, someone)
        client.submit("one", chat("First."))
        client.submit("two", chat("Second.") | {"webhook": {"url": OWN_URL}})
        world.sweep_now_and_then()
        world.run()

        story = "\n".join(world.trace)
        assert list(_faults(world, post, someone.account, webhook.id)) == [], story
        return world


def _faults(world: World, post: Post, account: str, webhook: str) -> Iterator[str]:
    yield from world.watch.faults
    items = world.stage.scan("jobs")
    ended = [item for item in items if item["sk"] == "JOB" and "ended_ms" in item]
    if len(ended) != JOBS:
        yield f"{len(ended)} jobs ended"
    wanted = {_delivery(item, webhook) for item in ended}
    wanted |= {_delivery(item, OWN_URL) for item in ended if "webhook" in item}
    log = {item["id"]: item for item in items if item["pk"] == f"DELIVERIES#{account}"}
    if log.keys() != wanted:
        yield f"the log has {sorted(log)}, wanted were {sorted(wanted)}"
    for name in wanted:
        if post.receiver.taken[name] < 1:
            yield f"{name} was never taken"
        if log.get(name, {}).get("state") != "delivered":
            yield f"the log says {log.get(name)}"
    for lane in post.lanes():
        if lane["pending"] != 0 or "gsi1pk" in lane:
            yield f"the lane is left as {lane}"


def _delivery(job: dict[str, Any], receiver: str) -> str:
    return ids.derive_at("dlv", job["ended_ms"], job["pk"].removeprefix("JOB#"), receiver)


def test_undisturbed_each_end_is_told_each_receiver_exactly_once(
    emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []

    def noting(letter: Letter, at_ms: int) -> Outcome:
        sent.append(letter.body)
        return Outcome(5, 204)

    told(emulator_address, seam, monkeypatch, noting)

    assert len(sent) == JOBS + 1
    assert {json.loads(body)["type"] for body in sent} == {"job.succeeded"}


def test_a_receiver_that_is_down_for_a_day_loses_none(
    emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(emulator_address, seam, monkeypatch, down_for_a_day)


KINDS = ("deliveries", "webhooks", "due")


def crash_everywhere(
    address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch, *processes: str
) -> int:
    """In the named processes, or in all that deliver; the jobs' own are visited elsewhere."""
    undisturbed = told(address, seam, monkeypatch, failing_first())
    own = [
        one
        for one in undisturbed.finished
        if one.name in processes or (not processes and one.name.partition("#")[0] in KINDS)
    ]
    points, visited = list(points_of(own)), set[Point]()

    for point in points:
        told(address, seam, monkeypatch, failing_first(), crash_at(point, visited))

    assert visited == set(points)
    return len(points)


def test_a_crash_of_the_first_worker_loses_no_event(
    emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert crash_everywhere(emulator_address, seam, monkeypatch, "webhooks#1") >= 12


@pytest.mark.prove
@pytest.mark.timeout(1200)
def test_a_crash_at_any_call_loses_no_event(
    emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert crash_everywhere(emulator_address, seam, monkeypatch) >= 40


@pytest.mark.parametrize("seed", range(SLICE))
def test_disorder_loses_no_event(
    seed: int, emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(emulator_address, seam, monkeypatch, well, trouble(seed), seed)


@pytest.mark.prove
@pytest.mark.timeout(1200)
def test_two_hundred_disorderly_schedules_lose_no_event(
    emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(SLICE, SCHEDULES):
        told(emulator_address, seam, monkeypatch, failing_first(), trouble(seed), seed)


def test_an_account_s_webhooks_are_at_most_ten_whoever_races(
    emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_stage(emulator_address, monkeypatch) as stage:
        world = World(stage, seam, 1, gives(answer_chat()), None, True)
        client = Client(world, customer(stage))
        for number in range(14):
            client.submit(f"{number}", {"url": URL}, path="/v1/inference/webhooks", tries=9)
        world.run()

        assert len(get_hooks(client.customer.account).webhooks) == 10


def asked_by_hand(
    address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch, plan: Plan | None = None
) -> World:
    """A test event and then its redelivery, each asked for until it is answered."""
    with fresh_stage(address, monkeypatch) as stage:
        world = World(stage, seam, 0, gives(answer_chat()), plan, False)
        post = Post(world, well, monkeypatch)
        client = Client(world, customer(stage))
        webhook, _ = service.create(client.customer.account, Wish(URL, (), ""), None)
        client.submit("test", {}, path=f"/v1/inference/webhooks/{webhook.id}/test")
        world.run()
        delivery = client.jobs["test"]
        client.submit("again", {}, path=f"/v1/inference/deliveries/{delivery}/redeliver")
        world.run()

        story = "\n".join(world.trace)
        log = [item for item in world.stage.scan("jobs") if item["pk"].startswith("DELIVERIES#")]
        assert [(item["id"], item["state"]) for item in log] == [(delivery, "delivered")], story
        assert post.receiver.taken[delivery] == 2, story
        return world


@pytest.mark.parametrize("asked", ["submit#1", "submit#2"])
def test_what_is_asked_for_by_hand_happens_once_wherever_the_api_dies(
    asked: str, emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = asked_by_hand(emulator_address, seam, monkeypatch)
    points = list(points_of([one for one in undisturbed.finished if one.name == asked]))
    visited = set[Point]()

    for point in points:
        asked_by_hand(emulator_address, seam, monkeypatch, crash_at(point, visited))

    assert visited == set(points)
    assert len(points) >= 2 * 4
