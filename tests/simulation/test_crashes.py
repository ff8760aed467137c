"""A process dies before and after every call it makes to AWS, in every scenario; then its trigger
comes again. Each such point is counted, so that none is left out; of readings in a row those
beside an effect stand for all."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.seam import Call, Fault, Seam, is_write
from tests.simulation.processes import Plan, Process
from tests.simulation.runs import run
from tests.simulation.scenarios import SCENARIOS

SLICE = ("picture", "forbidden long answer", "cancelled")
"""What the everyday test run takes; the rest is proved by `make prove`."""

APART = 2
"""Of processes of one kind that make the same calls (the sweeps of an hour, the submissions of a
burst), so many have points of their own."""

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
            if not _is_amid_readings(process.calls, number):
                yield (process.name, number, Fault.CRASH_BEFORE)
                yield (process.name, number, Fault.CRASH_AFTER)


def _is_amid_readings(calls: list[Call], number: int) -> bool:
    """Whether it only reads, between others that only read: whoever dies there leaves the world as
    who dies at the first of them."""
    return number > 0 and not any(map(is_write, calls[number - 1 : number + 2]))


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
