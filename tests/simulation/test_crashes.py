"""A process dies before and after every call it makes to AWS, in every scenario; then its trigger
comes again. Each such point is counted, so that none is left out."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.seam import Call, Fault, Seam
from tests.simulation.processes import Plan, Process
from tests.simulation.runs import run
from tests.simulation.scenarios import SCENARIOS

SLICE = ("picture", "forbidden long answer", "cancelled")
"""What the everyday test run takes; the rest is proved by `make prove`."""

APART = 2
"""Of what repeats, so many are points of their own: rounds of polling, and processes of one kind
that make the same calls (the sweeps of an hour, the submissions of a burst)."""

REST = [n for n, s in SCENARIOS.items() if n not in SLICE and not s.is_crowd]
"""A crowd makes the calls of a single job many times over; disorder is for those."""

type Point = tuple[str, int, Fault]
"""A process's name, the number of its call, and whether it dies before or after its effect."""


def crash_at(point: Point, visited: set[Point]) -> Plan:
    def plan(process: Process, number: int, call: Call) -> Fault | None:
        if (process.name, number) != point[:2]:
            return None
        visited.add(point)
        return point[2]

    return plan


def points_of(processes: list[Process]) -> Iterator[Point]:
    alike: Counter[tuple[str, ...]] = Counter()
    for process in processes:
        kind = (process.name.partition("#")[0], *(call.name for call in process.calls))
        alike[kind] += 1
        if alike[kind] > APART:
            continue
        for number in range(len(process.calls)):
            if not _is_another_round(process.calls, number):
                yield (process.name, number, Fault.CRASH_BEFORE)
                yield (process.name, number, Fault.CRASH_AFTER)


def _is_another_round(calls: list[Call], number: int) -> bool:
    """Whether the same reading was made so often right before."""
    first, *others = [_what(call) for call in calls[max(number - APART, 0) : number + 1]]
    return len(others) == APART and others == [first] * APART


def _what(call: Call) -> tuple[str, str, bytes]:
    return call.name, call.url, call.body


def crash_everywhere(name: str, address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch) -> int:
    """Gives the number of points; fails at the first run whose rules are broken."""
    scenario = SCENARIOS[name]
    undisturbed = run(scenario, address, seam, monkeypatch)
    points, visited = list(points_of(undisturbed.world.finished)), set[Point]()

    for point in points:
        disturbed = run(scenario, address, seam, monkeypatch, plan=crash_at(point, visited))

        assert disturbed.faults == [], f"{point}\n{disturbed.report()}"

    assert visited == set(points)
    return len(points)


@pytest.mark.parametrize("name", SLICE)
def test_a_crash_at_any_call_breaks_no_rule(
    name: str, emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert crash_everywhere(name, emulator_address, seam, monkeypatch) >= 2 * 10


@pytest.mark.prove
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", REST)
def test_a_crash_at_any_call_of_any_scenario_breaks_no_rule(
    name: str, emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert crash_everywhere(name, emulator_address, seam, monkeypatch) >= 2
