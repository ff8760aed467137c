"""The free grant, whatever happens to the messages that announce verified users: each account gets
a balance, each person one grant."""

import json

import pytest

from functions.billing.events import handler
from sluice.ledger import balance_pk
from tests.invariants import ledger_faults
from tests.seam import Seam
from tests.simulation.processes import Plan
from tests.simulation.runs import fresh_stage
from tests.simulation.scenarios import answer_chat, gives
from tests.simulation.test_crashes import Point, crash_at, points_of
from tests.simulation.test_schedules import trouble
from tests.simulation.world import World
from tests.stage import FREE_GRANT_NANOS

ACCOUNTS = {"acc_1": "person_1", "acc_2": "person_1", "acc_3": "person_2"}
SCHEDULES = 10


def welcome(
    address: str,
    seam: Seam,
    monkeypatch: pytest.MonkeyPatch,
    plan: Plan | None = None,
    seed: int | None = None,
) -> World:
    """Announce everybody, and the first one twice; check what came of it."""
    with fresh_stage(address, monkeypatch) as stage:
        world = World(stage, seam, seed or 0, gives(answer_chat()), plan, seed is not None)
        for number, (account, person) in enumerate([*ACCOUNTS.items(), ("acc_1", "person_1")]):
            data = {"account": account, "person": person}
            event = {"id": f"evt_{number}", "type": "user.verified", "at_ms": 0, "data": data}
            world.deliver("billing-events", handler, json.dumps(event))
        world.run()

        story = "\n".join(world.trace)
        items = stage.scan("ledger")
        buckets = {item["pk"]: item for item in items if item["sk"] == "BUCKET"}
        assert world.watch.faults == [], story
        assert ledger_faults(items) == [], story
        assert {balance_pk(account) for account in ACCOUNTS} <= set(buckets), story
        grants = [pk for pk in buckets if pk.startswith("GRANT#")]
        assert len(grants) == len(set(ACCOUNTS.values())), story
        assert sum(item["available"] for item in buckets.values()) == 2 * FREE_GRANT_NANOS
        return world


def test_a_crash_at_any_call_gives_each_person_one_grant(
    emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = welcome(emulator_address, seam, monkeypatch)
    points, visited = list(points_of(undisturbed.finished)), set[Point]()

    for point in points:
        welcome(emulator_address, seam, monkeypatch, crash_at(point, visited))

    assert visited == set(points)
    assert len(points) >= 2 * len(ACCOUNTS)


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_disorder_gives_each_person_one_grant(
    seed: int, emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    welcome(emulator_address, seam, monkeypatch, trouble(seed), seed)
