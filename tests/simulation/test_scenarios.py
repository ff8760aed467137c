"""Each scenario without a fault ends as it says: otherwise its faults would prove nothing."""

import pytest

from tests.seam import Seam
from tests.simulation.runs import run
from tests.simulation.scenarios import SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_ends_as_it_says(
    name: str, emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished = run(SCENARIOS[name], emulator_address, seam, monkeypatch)

    assert finished.faults == [], finished.report()
    assert finished.statuses == list(SCENARIOS[name].ends), finished.report()
