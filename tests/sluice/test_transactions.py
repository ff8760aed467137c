"""Transactions under contention and lost answers, injected where botocore sends."""

import pytest
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import BotoCoreError

from sluice.errors import Conflict, Unavailable
from sluice.table import MAX_COMMIT_ATTEMPTS, MAX_TRANSACTION_ITEMS, Table, Transaction, absent
from tests.replaced import ManualClock
from tests.seam import Call, Fault, Seam


class Script:
    """Faults for the calls to come, in order; then none. Remembers the calls."""

    def __init__(self, *faults: Fault | None) -> None:
        self._faults = list(faults)
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> Fault | None:
        self.calls.append(call)
        return self._faults.pop(0) if self._faults else None

    @property
    def tokens(self) -> set[str]:
        return {call.json["ClientRequestToken"] for call in self.calls}


def counting(table: Table) -> Transaction:
    """Adds one; run twice it would show."""
    return Transaction().add(
        table.update("a", "n", add={"n": 1}), table.put({"pk": "a", "sk": "other"})
    )


def count(table: Table) -> int:
    item = table.find("a", "n")
    return item["n"] if item else 0


@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.THROTTLE, Fault.SERVER_ERROR])
def test_contention_is_waited_out_with_the_same_token(
    table: Table, seam: Seam, clock: ManualClock, fault: Fault
) -> None:
    seam.decide = script = Script(fault, fault)

    counting(table).commit()

    assert len(script.calls) == 3
    assert len(script.tokens) == 1
    assert clock.slept_s > 0
    assert count(table) == 1


def test_a_table_that_stays_contended_is_said_to_be_busy_and_nothing_was_written(
    table: Table, seam: Seam, clock: ManualClock
) -> None:
    seam.decide = script = Script(*[Fault.CONFLICT] * 100)

    with pytest.raises(Unavailable) as refusal:
        counting(table).commit()

    assert refusal.value.retry_after_s == 1
    assert len(script.calls) == MAX_COMMIT_ATTEMPTS
    assert clock.slept_s < 5
    seam.decide = Script()
    assert count(table) == 0


def test_an_answer_lost_after_the_effect_takes_effect_once(
    table: Table, seam: Seam, clock: ManualClock
) -> None:
    seam.decide = script = Script(Fault.TIMEOUT_AFTER)

    counting(table).commit()

    assert len(script.tokens) == 1
    assert count(table) == 1


def test_a_conditional_plan_whose_answer_was_lost_is_no_conflict_with_itself(
    table: Table, seam: Seam, clock: ManualClock
) -> None:
    seam.decide = Script(Fault.TIMEOUT_AFTER, Fault.CONFLICT)

    Transaction().add(
        table.put({"pk": "a", "sk": "b"}, when=absent(), refused=lambda _: Conflict("Twice?")),
        table.put({"pk": "a", "sk": "c"}, when=absent(), refused=lambda _: Conflict("Twice?")),
    ).commit()

    seam.decide = Script()
    assert table.find("a", "b")
    assert table.find("a", "c")


def test_a_network_that_stays_silent_is_told_as_an_unknown_outcome(
    table: Table, seam: Seam, clock: ManualClock
) -> None:
    seam.decide = Script(*[Fault.TIMEOUT_AFTER] * 100)

    with pytest.raises(BotoCoreError):
        counting(table).commit()

    seam.decide = Script()
    assert count(table) == 1


def test_the_first_failed_condition_says_what_went_wrong(table: Table) -> None:
    table.put({"pk": "a", "sk": "b", "n": 1}).send()

    with pytest.raises(Conflict, match="second"):
        Transaction().add(
            table.put({"pk": "a", "sk": "x"}, when=absent(), refused=lambda _: Conflict("first")),
            table.put({"pk": "a", "sk": "b"}, when=absent(), refused=lambda _: Conflict("second")),
            table.check("a", "z", when=Attr("n").eq(1), refused=lambda _: Conflict("third")),
        ).commit()

    assert table.find("a", "x") is None


def test_a_refusal_is_not_sent_again(table: Table, seam: Seam) -> None:
    table.put({"pk": "a", "sk": "b"}).send()
    seam.decide = script = Script()

    with pytest.raises(Conflict):
        Transaction().add(
            table.put({"pk": "a", "sk": "b"}, when=absent(), refused=lambda _: Conflict("No."))
        ).commit()

    assert len(script.calls) == 1


def test_two_plans_have_two_tokens(table: Table, seam: Seam) -> None:
    seam.decide = script = Script()

    counting(table).commit()
    counting(table).commit()

    assert len(script.tokens) == 2
    assert count(table) == 2


def test_a_transaction_is_bounded(table: Table) -> None:
    writes = [table.put({"pk": "a", "sk": f"{n}"}) for n in range(MAX_TRANSACTION_ITEMS + 1)]

    with pytest.raises(ValueError, match="more than"):
        Transaction().add(*writes).commit()

    assert table.find("a", "0") is None
