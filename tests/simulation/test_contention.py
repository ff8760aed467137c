"""Many at once through the real handlers, interleaved by seed at every call to AWS."""

from collections import Counter

import pytest

from tests.seam import Seam
from tests.simulation.runs import run
from tests.simulation.scenarios import SCENARIOS, Client, Scenario, answer_chat, chat, gives

SUBMISSIONS = 40
"""Below what the model takes from one key in a minute."""
BURSTS = pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(1, 6))]
)
SLOW_S = 600
"""No job ends, and so gives nothing back, before all have asked."""


def hold_of_one(address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch) -> int:
    finished = run(SCENARIOS["chat"], address, seam, monkeypatch)
    return sum(leg["nanos"] for item in finished.world.watch.jobs for leg in item.get("legs", ()))


def _many_at_once(client: Client) -> None:
    for number in range(SUBMISSIONS):
        client.submit(f"{number}", chat())


@BURSTS
def test_many_submissions_against_credit_for_k_admit_exactly_k(
    seed: int, emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    price_nanos = hold_of_one(emulator_address, seam, monkeypatch)
    burst = Scenario(
        "burst",
        _many_at_once,
        gives(answer_chat(), after_s=SLOW_S),
        (),
        granted_nanos=price_nanos * 7 // 2,
        bought_nanos=price_nanos * 17 // 4,
        slow_s=(40,),
    )

    finished = run(burst, emulator_address, seam, monkeypatch, seed=seed, is_disorderly=True)

    assert finished.faults == [], finished.report()
    assert len(finished.statuses) == 7, finished.report()
    admitted = {answer.json["id"] for _, answer in finished.client.answers if answer.status < 300}
    assert len(admitted) == 7


@BURSTS
def test_eight_concurrent_completions_have_one_winner(
    seed: int, emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_often = Scenario(
        "told often",
        lambda client: client.submit("one", chat()),
        gives(answer_chat(), notices=8),
        (),
    )

    finished = run(told_often, emulator_address, seam, monkeypatch, seed=seed, is_disorderly=True)

    assert finished.faults == [], finished.report()
    assert finished.statuses == ["succeeded"]
    ends = Counter(
        line.rsplit(" ", 1)[-1]
        for line in finished.world.trace
        if "completed#" in line and "TransactWriteItems" in line
    )
    assert ends["200"] == 1
