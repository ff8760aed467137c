"""Secured accounts, whatever happens to the messages that tell billing of them: their credit ends
at the highest epoch, wherever it came from and whenever."""

import json

import pytest

from functions.billing.events import handler
from tests.invariants import ledger_faults
from tests.seam import Seam
from tests.simulation.processes import Plan
from tests.simulation.runs import fresh_stage
from tests.simulation.scenarios import answer_chat, gives
from tests.simulation.test_crashes import Point, crash_at, points_of
from tests.simulation.test_schedules import trouble
from tests.simulation.world import World
from tests.stage import FREE_GRANT_NANOS

TOLD = (
    ("user.verified", {"account": "acc_1", "person": "person_1"}),
    ("account.secured", {"account": "acc_2", "epoch": 1}),
    ("account.secured", {"account": "acc_1", "epoch": 1}),
    ("user.verified", {"account": "acc_2", "person": "person_2"}),
    ("account.secured", {"account": "acc_1", "epoch": 2}),
    ("account.secured", {"account": "acc_1", "epoch": 1}),
)
EPOCHS = {"acc_1": 2, "acc_2": 1}
SCHEDULES = 10


def secured(
    address: str,
    seam: Seam,
    monkeypatch: pytest.MonkeyPatch,
    plan: Plan | None = None,
    seed: int | None = None,
) -> World:
    """Tell billing of everything at once; check what came of it."""
    with fresh_stage(address, monkeypatch) as stage:
        world = World(stage, seam, seed or 0, gives(answer_chat()), plan, seed is not None)
        for number, (kind, data) in enumerate(TOLD):
            event = {"id": f"evt_{number}", "type": kind, "at_ms": 0, "data": data}
            world.deliver("billing-events", handler, json.dumps(event))
        world.run()

        story = "\n".join(world.trace)
        items = stage.scan("ledger")
        buckets = [item for item in items if item["sk"] == "BUCKET"]
        assert world.watch.faults == [], story
        assert ledger_faults(items) == [], story
        for account, epoch in EPOCHS.items():
            reached = [item["epoch"] for item in buckets if item["account"] == account]
            assert reached == [epoch, epoch], story  # a balance and a grant
        assert sum(item["available"] for item in buckets) == 2 * FREE_GRANT_NANOS
        return world


def test_a_crash_at_any_call_leaves_no_credit_behind(
    emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = secured(emulator_address, seam, monkeypatch)
    points, visited = list(points_of(undisturbed.finished)), set[Point]()

    for point in points:
        secured(emulator_address, seam, monkeypatch, crash_at(point, visited))

    assert visited == set(points)
    assert len(points) >= 2 * len(TOLD)


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_disorder_leaves_no_credit_behind(
    seed: int, emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    secured(emulator_address, seam, monkeypatch, trouble(seed), seed)
