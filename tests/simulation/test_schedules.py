"""Disorder by seed: any call may fail in any way, events come late, twice, reordered or never,
handlers stall past their lease, clocks disagree. `SEED=n` runs one schedule again."""

import os
import random

import pytest

from tests.seam import Call, Fault, Seam
from tests.simulation.processes import Plan, Process
from tests.simulation.runs import run
from tests.simulation.scenarios import SCENARIOS

SCHEDULES, SLICE, CHUNK = 2_000, 40, 100
FAULTY_CALLS = 60
"""Faults end after so many calls: what must come to rest needs a world that lets it."""
_SEED = os.environ.get("SEED")


def trouble(seed: int) -> Plan:
    """A share of the first calls fails, each in a way of its own; the share differs by seed."""
    rng = random.Random(seed)
    share, seen = rng.choice((0.0, 0.03, 0.1, 0.25)), 0

    def plan(process: Process, number: int, call: Call) -> Fault | None:
        nonlocal seen
        seen += 1
        if seen > FAULTY_CALLS or rng.random() >= share:
            return None
        return rng.choice(list(Fault))

    return plan


def run_schedules(
    seeds: range | list[int], address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = list(SCENARIOS)
    for seed in seeds:
        scenario = SCENARIOS[names[seed % len(names)]]
        finished = run(
            scenario,
            address,
            seam,
            monkeypatch,
            seed=seed,
            plan=trouble(seed),
            is_disorderly=True,
        )
        assert finished.faults == [], f"SEED={seed}\n{finished.report()}"


def test_a_few_disorderly_schedules_break_no_rule(
    emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = [int(_SEED)] if _SEED else range(SLICE)
    run_schedules(seeds, emulator_address, seam, monkeypatch)


@pytest.mark.prove
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("first", range(SLICE, SLICE + SCHEDULES, CHUNK))
def test_two_thousand_disorderly_schedules_break_no_rule(
    first: int, emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_schedules(range(first, first + CHUNK), emulator_address, seam, monkeypatch)
