"""The credit of an account that was secured: out of reach of whatever it had before."""

import itertools
import json
from typing import Any

import pytest

from functions.billing.epochs.service import secure
from functions.billing.events import handler
from sluice import ledger
from sluice.errors import Conflict, SluiceError, Unauthenticated, Unavailable
from sluice.table import Table, Transaction
from tests import events
from tests.billing.test_welcome import ADA, buckets, verified
from tests.invariants import ledger_faults
from tests.seeds import give_credit, give_grant
from tests.sluice.test_races import together
from tests.stage import Stage


def secured(account: str, epoch: int) -> str:
    data = {"account": account, "epoch": epoch}
    return json.dumps({"id": "evt_s", "type": "account.secured", "at_ms": 0, "data": data})


def deliver(*bodies: str) -> Any:
    return handler(events.sqs("billing-events", *bodies), events.Context())


def hold(stage: Stage, nanos: int, epoch: int, job: str = "job_1") -> None:
    table = Table(stage.table("ledger"))
    legs = ledger.plan(ledger.read(table, "acc_1"), nanos)
    price = {"model": "m", "version": 1}
    writes = ledger.hold(
        table, legs, account="acc_1", job=job, epoch=epoch, deadline_ms=0, price=price
    )
    Transaction().add(*writes).commit()


def test_balance_and_grants_rise_and_nothing_from_before_holds_of_them(aws: Stage) -> None:
    give_credit(aws, "acc_1", granted_nanos=100, bought_nanos=100)
    give_grant(aws, "acc_1", 100)

    assert deliver(secured("acc_1", 1)) == {"batchItemFailures": []}

    assert {item["epoch"] for item in buckets(aws).values()} == {1}
    for nanos in (50, 150, 250):
        with pytest.raises(Unauthenticated):
            hold(aws, nanos, epoch=0)
    hold(aws, 250, epoch=1)
    assert ledger_faults(aws.scan("ledger")) == []


def test_what_was_held_before_is_settled_as_ever(aws: Stage) -> None:
    give_credit(aws, "acc_1", granted_nanos=100, bought_nanos=100)
    table = Table(aws.table("ledger"))
    legs = ledger.plan(ledger.read(table, "acc_1"), 150)
    hold(aws, 150, epoch=0)
    deliver(secured("acc_1", 1))

    Transaction().add(*ledger.settle(table, legs, "job_1", 120)).commit()

    assert ledger.available(ledger.read(table, "acc_1")) == 80
    assert ledger_faults(aws.scan("ledger")) == []


def test_a_credential_from_after_waits_until_the_credit_knows(aws: Stage) -> None:
    give_credit(aws, "acc_1", bought_nanos=100)

    with pytest.raises(Unavailable):
        hold(aws, 50, epoch=1)
    deliver(secured("acc_1", 1))

    hold(aws, 50, epoch=1)


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
def test_in_whatever_order_the_epochs_come_the_highest_stays(
    aws: Stage, order: tuple[int, ...]
) -> None:
    give_credit(aws, "acc_1", granted_nanos=100)

    deliver(*(secured("acc_1", epoch) for epoch in (*order, order[0])))

    assert {item["epoch"] for item in buckets(aws).values()} == {3}


def test_an_account_that_is_secured_before_it_is_welcomed_gets_its_grant_all_the_same(
    aws: Stage,
) -> None:
    deliver(secured("acc_1", 1))
    deliver(verified("acc_1", ADA))

    assert {item["epoch"] for item in buckets(aws).values()} == {1}
    hold(aws, 50, epoch=1)
    assert ledger_faults(aws.scan("ledger")) == []


def test_a_grant_that_is_given_at_the_same_time_is_secured_or_refused(emulator: Stage) -> None:
    give_credit(emulator, "acc_1", granted_nanos=100)

    def act(number: int) -> None:
        try:
            if number % 2:
                secure("acc_1", 1)
            else:
                give_grant(emulator, "acc_1", 100 + number)
        except (Conflict, SluiceError):
            return

    together(8, act)
    secure("acc_1", 1)

    table = Table(emulator.table("ledger"))
    balance, grants = ledger.find_buckets(table, "acc_1")
    assert balance
    assert {item["epoch"] for item in (balance, *grants)} == {1}
    assert ledger_faults(emulator.scan("ledger")) == []
