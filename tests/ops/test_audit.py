"""The audit of a ledger: a sound one has no fault, and each broken rule is one."""

import copy
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from ops.audit import audit, ledger_faults, main
from sluice import ledger
from sluice.table import Table, Transaction
from tests.seeds import customer
from tests.stage import REGION, Stage

type Item = dict[str, Any]


def spend(stage: Stage, account: str) -> None:
    """One job settled, one released, one open; the first draws on a grant and on bought credit."""
    table = Table(stage.table("ledger"))
    for job, nanos, charge in (("job_1", 120, 110), ("job_2", 10, 0), ("job_3", 7, None)):
        legs = ledger.plan(ledger.read(table, account), nanos)
        writes = ledger.hold(
            table, legs, account=account, job=job, epoch=0, deadline_ms=1, price={"version": 1}
        )
        Transaction().add(*writes).commit()
        if charge is not None:
            Transaction().add(*ledger.settle(table, legs, job, charge)).commit()


@pytest.fixture
def items(aws: Stage) -> list[Item]:
    spend(aws, customer(aws, granted_nanos=100, bought_nanos=1_000).account)
    return aws.scan("ledger")


def test_a_ledger_that_was_used_has_no_fault(items: list[Item]) -> None:
    assert len(items) == 2 + 6
    assert ledger_faults(items) == []


def find(items: list[Item], pk: str, sk: str) -> Item:
    return next(item for item in items if item["pk"].startswith(pk) and item["sk"] == sk)


def lose_a_line(items: list[Item]) -> None:
    items.remove(find(items, "BAL#", "LINE#job_2"))


def lose_a_bucket(items: list[Item]) -> None:
    items.remove(find(items, "GRANT#", "BUCKET"))


def overspend(items: list[Item]) -> None:
    find(items, "BAL#", "BUCKET")["available"] = -1


def leak_a_hold(items: list[Item]) -> None:
    find(items, "BAL#", "BUCKET")["held"] += 1


def skip_a_step(items: list[Item]) -> None:
    find(items, "BAL#", "BUCKET")["seq"] += 1


def charge_beyond_the_hold(items: list[Item]) -> None:
    line = find(items, "BAL#", "LINE#job_1")
    line["held_nanos"] = line["charged_nanos"] - 1


def charge_without_legs(items: list[Item]) -> None:
    find(items, "GRANT#", "LINE#job_1")["legs"] = []


def unbalance(items: list[Item]) -> None:
    find(items, "BAL#", "LINE#job_1")["legs"][1]["nanos"] += 1


def end_by_half(items: list[Item]) -> None:
    find(items, "BAL#", "LINE#job_1")["state"] = "open"


def invent_a_state(items: list[Item]) -> None:
    find(items, "BAL#", "LINE#job_2")["state"] = "refunded"


def forget_a_grant(items: list[Item]) -> None:
    find(items, "BAL#", "BUCKET")["grants"] = {}


def give_a_grant_away(items: list[Item]) -> None:
    find(items, "GRANT#", "BUCKET")["account"] = "acc_other"


def point_nowhere(items: list[Item]) -> None:
    find(items, "BAL#", "BUCKET")["last_line"] = "LINE#job_9"


@pytest.mark.parametrize(
    "break_",
    [
        lose_a_line,
        lose_a_bucket,
        overspend,
        leak_a_hold,
        skip_a_step,
        charge_beyond_the_hold,
        charge_without_legs,
        unbalance,
        end_by_half,
        invent_a_state,
        forget_a_grant,
        give_a_grant_away,
        point_nowhere,
    ],
)
def test_each_broken_rule_is_a_fault(
    items: list[Item], break_: Callable[[list[Item]], None]
) -> None:
    broken = copy.deepcopy(items)

    break_(broken)

    assert ledger_faults(broken) != []


def test_a_live_table_is_audited(aws: Stage, items: list[Item]) -> None:
    table = boto3.resource("dynamodb", region_name=REGION).Table(aws.table("ledger"))

    assert audit(table) == (8, [])


def test_a_fault_in_a_live_table_is_still_there_at_the_second_look(
    aws: Stage, items: list[Item], capsys: pytest.CaptureFixture[str]
) -> None:
    pk = find(items, "BAL#", "BUCKET")["pk"]
    Table(aws.table("ledger")).update(pk, "BUCKET", add={"available": 5}).send()

    status = main(["--table", aws.table("ledger")])

    assert status == 1
    assert f"{pk}: the balance is not the fold of its lines" in capsys.readouterr().out


def test_a_table_that_is_not_there_is_said_so(
    aws: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--table", "nowhere"]) == 2
    assert "cannot be read" in capsys.readouterr().err
