"""Many at once through the real handlers, interleaved by seed at every call to AWS."""

from collections import Counter
from functools import partial

import pytest

from sluice.limits import limits_of
from tests.seam import Seam
from tests.seeds import customer
from tests.simulation.runs import run
from tests.simulation.scenarios import (
    AMPLE_NANOS,
    SCENARIOS,
    Client,
    Scenario,
    answer_chat,
    chat,
    gives,
)

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


NEIGHBOURS = 3
CROWD = 30
SOON_S = 30
BUSY_S = 8


def _a_crowd_and_its_neighbours(client: Client) -> None:
    """One account asks for much at once; soon after, others ask for one thing each."""
    for number in range(CROWD):
        client.submit(f"{number}", chat(f"Number {number}."))
    for _ in range(NEIGHBOURS):
        somebody = customer(client.world.stage, bought_nanos=AMPLE_NANOS)
        neighbour = Client(client.world, somebody)
        client.world.later(SOON_S, partial(neighbour.submit, "mine", chat("Mine.")))


def test_nobodys_first_job_is_behind_more_than_the_slots_of_the_others(
    emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowded = Scenario(
        "crowded", _a_crowd_and_its_neighbours, gives(answer_chat(), after_s=BUSY_S), ()
    )

    finished = run(crowded, emulator_address, seam, monkeypatch)

    assert finished.faults == [], finished.report()
    assert finished.statuses == ["succeeded"] * (CROWD + NEIGHBOURS)
    owner = finished.client.customer.account
    jobs = {j["pk"][4:]: j for j in finished.world.watch.jobs if j["sk"] == "JOB"}
    others = {job: item for job, item in jobs.items() if item["account"] != owner}
    slots = limits_of("free").in_flight
    ahead: set[str] = set()
    for turn in finished.world.endpoints.turns:
        if turn.is_asked and turn.job in others:
            assert len(ahead) <= slots * NEIGHBOURS, "the crowd's slots and the other neighbours'"
            assert turn.at_ms - others[turn.job]["created_ms"] < 1_000
        if turn.is_asked:
            ahead.add(turn.job)
        else:
            ahead.discard(turn.job)
    assert max(item["ended_ms"] for item in others.values()) < max(
        item["ended_ms"] for item in jobs.values()
    )


@BURSTS
def test_a_crowd_in_disorder_passes_through_its_slots(
    seed: int, emulator_address: str, seam: Seam, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = Scenario("crowd", _many_at_once, gives(answer_chat(), after_s=BUSY_S), (), slow_s=(10,))

    finished = run(crowd, emulator_address, seam, monkeypatch, seed=seed, is_disorderly=True)

    assert finished.faults == [], finished.report()
    assert finished.statuses == ["succeeded"] * SUBMISSIONS, finished.report()
