"""Money under contention, on the emulator's DynamoDB: many threads, one account."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from sluice import clock, ids, ledger
from sluice.errors import Conflict, InsufficientCredit, Unavailable
from sluice.ledger import AlreadyEnded, BucketShort, Leg
from sluice.table import Table, Transaction
from tests.invariants import ledger_faults
from tests.seeds import give_credit
from tests.stage import Stage

WRITERS = 64
MAX_PLANS = 20
PRICE_NANOS = 1_000
ACCOUNT = "acc_race"


def together[T](count: int, act: Callable[[int], T]) -> list[T]:
    """Run `act` in `count` threads that start at once."""
    start = Barrier(count)

    def run(number: int) -> T:
        start.wait()
        return act(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


def take(table: Table, job: str, nanos: int, legs: tuple[Leg, ...]) -> None:
    Transaction().add(
        *ledger.hold(
            table,
            legs,
            account=ACCOUNT,
            job=job,
            epoch=0,
            deadline_ms=clock.now_ms() + 60_000,
            price={"model": "m", "version": 1},
        )
    ).commit()


def admit(table: Table, job: str, nanos: int) -> str:
    """Hold as the inference service does: plan, try, correct, plan anew."""
    snapshot = ledger.read(table, ACCOUNT)
    for _ in range(MAX_PLANS):
        try:
            take(table, job, nanos, ledger.plan(snapshot, nanos))
        except InsufficientCredit:
            return "refused"
        except BucketShort:
            snapshot = ledger.read(table, ACCOUNT)
        except Unavailable:
            continue
        else:
            return "admitted"
    return "busy"


@pytest.mark.parametrize(
    ("granted", "bought", "jobs"),
    [(0, 40, 40), (40, 0, 40), (25, 15, 40), (7, 33, 40), (0, 0, 0), (64, 64, 64)],
)
def test_64_writers_against_credit_for_k_jobs_admit_exactly_k(
    emulator: Stage, granted: int, bought: int, jobs: int
) -> None:
    give_credit(
        emulator,
        ACCOUNT,
        granted_nanos=granted * PRICE_NANOS,
        bought_nanos=bought * PRICE_NANOS,
    )
    table = Table(emulator.table("ledger"))

    outcomes = together(WRITERS, lambda n: admit(table, f"job_{n}", PRICE_NANOS))

    assert Counter(outcomes)["admitted"] == jobs
    assert ledger_faults(emulator.scan("ledger")) == []


def test_a_price_that_straddles_grant_and_balance_is_never_overspent(emulator: Stage) -> None:
    give_credit(emulator, ACCOUNT, granted_nanos=10_500, bought_nanos=20_700)
    table = Table(emulator.table("ledger"))

    outcomes = together(WRITERS, lambda n: admit(table, f"job_{n}", PRICE_NANOS))

    assert Counter(outcomes)["admitted"] == 31
    assert ledger_faults(emulator.scan("ledger")) == []


@pytest.mark.parametrize("charge", [0, 600, PRICE_NANOS])
def test_eight_concurrent_ends_of_a_hold_have_one_winner(emulator: Stage, charge: int) -> None:
    give_credit(emulator, ACCOUNT, granted_nanos=700, bought_nanos=9_300)
    table = Table(emulator.table("ledger"))
    legs = ledger.plan(ledger.read(table, ACCOUNT), PRICE_NANOS)
    take(table, "job_other", 2_000, ledger.plan(ledger.read(table, ACCOUNT).after(legs), 2_000))
    take(table, "job_1", PRICE_NANOS, legs)

    def end(number: int) -> bool:
        amount = charge if number % 2 else 0
        try:
            Transaction().add(*ledger.settle(table, legs, "job_1", amount)).commit()
        except AlreadyEnded:
            return False
        return True

    winners = together(8, end)

    assert winners.count(True) == 1
    assert ledger_faults(emulator.scan("ledger")) == []


def test_a_grant_given_by_many_at_once_is_given_once(emulator: Stage) -> None:
    table = Table(emulator.table("ledger"))
    expires_ms = clock.now_ms() + 60_000

    def give(number: int) -> bool:
        writes = ledger.open_with_grant(
            table, ACCOUNT, "grt_1", 5_000, reason="free_quota", expires_ms=expires_ms
        )
        try:
            Transaction().add(*writes).commit()
        except Conflict:
            return False
        return True

    winners = together(16, give)

    assert winners.count(True) == 1
    assert ledger.available(ledger.read(table, ACCOUNT)) == 5_000
    assert ledger_faults(emulator.scan("ledger")) == []


def test_holds_and_ends_in_a_storm_leave_every_balance_equal_to_its_lines(emulator: Stage) -> None:
    give_credit(emulator, ACCOUNT, granted_nanos=5_000, bought_nanos=5_000)
    table = Table(emulator.table("ledger"))

    def live(number: int) -> str:
        job = f"job_{number}"
        legs: tuple[Leg, ...] = ()
        for _ in range(MAX_PLANS):
            try:
                legs = ledger.plan(ledger.read(table, ACCOUNT), PRICE_NANOS)
                take(table, job, PRICE_NANOS, legs)
            except InsufficientCredit:
                return "refused"
            except BucketShort:
                continue
            break
        else:
            return "busy"
        if number % 3:
            Transaction().add(*ledger.settle(table, legs, job, number * 7 % 1_001)).commit()
        return "admitted"

    outcomes = together(WRITERS, live)

    assert Counter(outcomes)["admitted"] >= 10
    assert ledger_faults(emulator.scan("ledger")) == []


def test_tokens_of_different_plans_differ(emulator: Stage, seeded: ids.Random) -> None:
    table = Table(emulator.table("ledger"))

    Transaction().add(table.put({"pk": "a", "sk": "a", "n": 1})).commit()
    Transaction().add(table.put({"pk": "a", "sk": "a", "n": 2})).commit()

    found = table.find("a", "a")
    assert found is not None
    assert found["n"] == 2
