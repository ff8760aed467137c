"""Spend caps on the emulator's DynamoDB: as many holds as fit, and every end counted once."""

from collections import Counter
from typing import Any

import pytest

from sluice import clock, ledger, money
from sluice.errors import InsufficientCredit, Unavailable
from sluice.ledger import BucketShort, Cap, Leg
from sluice.table import Table, Transaction
from tests.invariants import ledger_faults
from tests.replaced import ManualClock
from tests.seeds import give_credit
from tests.sluice.test_races import ACCOUNT, MAX_PLANS, PRICE_NANOS, WRITERS, together
from tests.stage import Stage

BUDGET: dict[str, Any] = {"id": "key_1", "nanos": 7 * PRICE_NANOS, "period": "total"}


def take(table: Table, job: str, nanos: int, legs: tuple[Leg, ...], cap: Cap) -> None:
    Transaction().add(
        *ledger.hold(
            table,
            legs,
            account=ACCOUNT,
            job=job,
            epoch=0,
            deadline_ms=clock.now_ms() + 60_000,
            price={"model": "m", "version": 1},
            caps=[cap],
        )
    ).commit()


def admit(table: Table, job: str, nanos: int, budget: dict[str, Any] = BUDGET) -> str:
    cap = ledger.cap_of(ACCOUNT, budget)
    for _ in range(MAX_PLANS):
        snapshot = ledger.read(table, ACCOUNT)
        try:
            take(table, job, nanos, ledger.plan(snapshot, nanos), cap)
        except InsufficientCredit as refusal:
            return refusal.machine_code
        except (BucketShort, Unavailable):
            continue
        else:
            return "admitted"
    return "busy"


def end(table: Table, job: str, held: int, charge: int) -> None:
    legs = (Leg(ledger.balance_pk(ACCOUNT), held),)
    pk = ledger.cap_of(ACCOUNT, BUDGET).pk
    Transaction().add(*ledger.settle(table, legs, job, charge, [pk])).commit()


@pytest.fixture
def table(emulator: Stage) -> Table:
    give_credit(emulator, ACCOUNT, bought_nanos=100 * PRICE_NANOS)
    return Table(emulator.table("ledger"))


def used(table: Table) -> int:
    return ledger.find_used(table, ACCOUNT, BUDGET)


def test_64_writers_under_a_cap_of_k_admit_exactly_k(emulator: Stage, table: Table) -> None:
    outcomes = Counter(together(WRITERS, lambda n: admit(table, f"job_{n}", PRICE_NANOS)))

    assert outcomes == {"admitted": 7, "budget_exhausted": WRITERS - 7}
    assert used(table) == BUDGET["nanos"]
    assert ledger_faults(emulator.scan("ledger")) == []


@pytest.mark.parametrize(("charge", "again"), [(0, 7), (PRICE_NANOS // 2, 3), (PRICE_NANOS, 0)])
def test_what_a_hold_did_not_come_to_may_be_spent_again(
    emulator: Stage, table: Table, charge: int, again: int
) -> None:
    for number in range(7):
        assert admit(table, f"job_{number}", PRICE_NANOS) == "admitted"
    for number in range(7):
        end(table, f"job_{number}", PRICE_NANOS, charge)

    outcomes = Counter(admit(table, f"more_{number}", PRICE_NANOS) for number in range(8))

    assert outcomes["admitted"] == again
    assert used(table) == 7 * charge + again * PRICE_NANOS
    assert ledger_faults(emulator.scan("ledger")) == []


def test_eight_ends_of_one_hold_give_back_once(emulator: Stage, table: Table) -> None:
    assert admit(table, "job_1", PRICE_NANOS) == "admitted"

    def ends(_: int) -> bool:
        try:
            end(table, "job_1", PRICE_NANOS, 10)
        except (ledger.AlreadyEnded, Unavailable):
            return False
        return True

    assert sum(together(8, ends)) == 1
    assert used(table) == 10
    assert ledger_faults(emulator.scan("ledger")) == []


def test_a_new_month_begins_anew_and_an_old_hold_ends_in_its_own(
    emulator: Stage, table: Table, clock: ManualClock
) -> None:
    monthly = BUDGET | {"period": "month", "nanos": PRICE_NANOS}
    november = ledger.cap_of(ACCOUNT, monthly)
    assert admit(table, "job_1", PRICE_NANOS, monthly) == "admitted"
    assert admit(table, "job_2", PRICE_NANOS, monthly) == "budget_exhausted"

    clock.advance(6 * 24 * 3600)

    assert ledger.find_used(table, ACCOUNT, monthly) == 0
    assert admit(table, "job_2", PRICE_NANOS, monthly) == "admitted"
    legs = (Leg(ledger.balance_pk(ACCOUNT), PRICE_NANOS),)
    Transaction().add(*ledger.settle(table, legs, "job_1", 0, [november.pk])).commit()
    assert ledger.find_used(table, ACCOUNT, monthly) == PRICE_NANOS
    assert ledger_faults(emulator.scan("ledger")) == []


def test_a_hold_beyond_the_whole_cap_is_refused_at_once_and_holds_nothing(table: Table) -> None:
    assert admit(table, "job_1", BUDGET["nanos"] + 1) == "budget_exhausted"

    assert used(table) == 0
    assert ledger.available(ledger.read(table, ACCOUNT)) == 100 * PRICE_NANOS


def test_a_cap_that_disagrees_with_its_lines_is_found(emulator: Stage, table: Table) -> None:
    admit(table, "job_1", PRICE_NANOS)
    table.update(ledger.cap_of(ACCOUNT, BUDGET).pk, "CAP", add={"used": 1}).send()

    [fault] = ledger_faults(emulator.scan("ledger"))

    assert "used is not what its lines say" in fault


def test_another_account_s_cap_is_not_read(table: Table) -> None:
    admit(table, "job_1", PRICE_NANOS)

    assert ledger.find_used(table, "acc_other", BUDGET) == 0


@pytest.mark.parametrize(
    ("text", "nanos"),
    [("0.001", 10**6), ("25", 25 * 10**9), ("0.000000001", 1), ("1.50", 15 * 10**8)],
)
def test_dollars_are_read_exactly(text: str, nanos: int) -> None:
    assert money.nanos(text) == nanos
    assert money.nanos(money.usd(nanos)) == nanos


@pytest.mark.parametrize("text", ["", "1.0000000001", "1,5", "1e3", "-"])
def test_what_is_no_exact_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        money.nanos(text)
