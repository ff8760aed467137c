"""The free grant: once for each person, however often and in whatever order it is announced."""

import json
from typing import Any

import pytest

from functions.billing.events import handler
from functions.billing.grants.service import welcome
from sluice import ledger
from sluice.errors import Conflict
from sluice.table import Table, Transaction
from tests import events
from tests.invariants import ledger_faults
from tests.replaced import ManualClock
from tests.seeds import give_credit
from tests.sluice.test_races import together
from tests.stage import FREE_GRANT_NANOS, Stage

ADA, BERTA = "a" * 64, "b" * 64
DAY_MS = 24 * 3600 * 1000


def verified(account: str, person: str, number: int = 1) -> str:
    """The announcement as it arrives with raw delivery."""
    return json.dumps(
        {
            "id": f"evt_{number}",
            "type": "user.verified",
            "at_ms": 1795608000000,
            "data": {"user": f"usr_{account}", "account": account, "person": person},
        }
    )


def deliver(*bodies: str) -> list[str]:
    """The ids of the messages that failed."""
    answer = handler(events.sqs("billing-events", *bodies), events.Context())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def buckets(stage: Stage) -> dict[str, dict[str, Any]]:
    return {item["pk"]: item for item in stage.scan("ledger") if item["sk"] == "BUCKET"}


def given(stage: Stage) -> int:
    """All that was ever granted."""
    lines = [item for item in stage.scan("ledger") if item.get("kind") == "grant"]
    return sum(leg["nanos"] for line in lines for leg in line["legs"] if leg["nanos"] > 0)


def test_a_verified_user_gets_a_balance_and_the_free_grant(aws: Stage, clock: ManualClock) -> None:
    assert deliver(verified("acc_1", ADA)) == []

    balance = buckets(aws).pop("BAL#acc_1#0")
    [grant] = [item for pk, item in buckets(aws).items() if pk.startswith("GRANT#")]
    assert balance["available"] == 0
    assert list(balance["grants"]) == [grant["pk"].removeprefix("GRANT#")]
    assert grant["available"] == FREE_GRANT_NANOS
    assert grant["expires_ms"] == clock.now_ms() + 30 * DAY_MS
    assert ledger_faults(aws.scan("ledger")) == []


def test_the_same_announcement_three_times_gives_once(aws: Stage) -> None:
    body = verified("acc_1", ADA)

    assert deliver(body, body) == []
    assert deliver(body) == []

    assert given(aws) == FREE_GRANT_NANOS
    assert ledger_faults(aws.scan("ledger")) == []


def test_a_persons_second_account_gets_a_balance_without_a_grant(aws: Stage) -> None:
    deliver(verified("acc_1", ADA))

    assert deliver(verified("acc_2", ADA)) == []

    assert buckets(aws)["BAL#acc_2#0"]["grants"] == {}
    assert given(aws) == FREE_GRANT_NANOS


def test_another_person_gets_a_grant_of_their_own(aws: Stage) -> None:
    deliver(verified("acc_1", ADA), verified("acc_2", BERTA))

    assert given(aws) == 2 * FREE_GRANT_NANOS


def test_a_balance_that_was_there_already_takes_the_grant_with_its_epoch(aws: Stage) -> None:
    table = Table(aws.table("ledger"))
    Transaction().add(ledger.open_account(table, "acc_1")).commit()
    table.update("BAL#acc_1#0", "BUCKET", set_={"epoch": 3}).send()

    assert deliver(verified("acc_1", ADA)) == []

    [grant] = [item for pk, item in buckets(aws).items() if pk.startswith("GRANT#")]
    assert grant["epoch"] == 3
    assert ledger_faults(aws.scan("ledger")) == []


def test_a_balance_is_never_opened_over_another(aws: Stage) -> None:
    table = Table(aws.table("ledger"))
    give_credit(aws, "acc_1", bought_nanos=7)

    with pytest.raises(Conflict):
        Transaction().add(ledger.open_account(table, "acc_1")).commit()
    with pytest.raises(Conflict):
        Transaction().add(
            *ledger.open_with_grant(table, "acc_1", "grant_1", 5, reason="free", expires_ms=1)
        ).commit()

    assert buckets(aws)["BAL#acc_1#0"]["available"] == 7
    assert given(aws) == 0


def test_a_stage_without_free_quota_opens_the_balance_alone(
    aws: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FREE_GRANT_NANOS", "0")

    assert deliver(verified("acc_1", ADA)) == []

    assert list(buckets(aws)) == ["BAL#acc_1#0"]


def test_a_poisoned_message_fails_alone(aws: Stage) -> None:
    bodies = ["{", verified("acc_1", ADA), json.dumps({"id": "e", "type": "user.verified"})]

    failed = deliver(*bodies)

    ids = [record["messageId"] for record in events.sqs("q", *bodies)["Records"]]
    assert failed == [ids[0], ids[2]]
    assert given(aws) == FREE_GRANT_NANOS


def test_an_event_that_billing_does_not_know_is_passed_over(aws: Stage) -> None:
    body = json.dumps({"id": "evt_9", "type": "user.renamed", "at_ms": 1, "data": {}})

    assert deliver(body) == []

    assert aws.scan("ledger") == []


# Processes handle one batch at a time, and batches share what a process has of a handler: so
# what many processes do at once is done here by the service behind it.


@pytest.mark.xdist_group("emulator")
def test_eight_deliveries_at_once_give_once(emulator: Stage) -> None:
    together(8, lambda n: welcome("acc_1", ADA))

    assert given(emulator) == FREE_GRANT_NANOS
    assert ledger_faults(emulator.scan("ledger")) == []


@pytest.mark.xdist_group("emulator")
def test_eight_accounts_of_one_person_at_once_share_one_grant(emulator: Stage) -> None:
    together(8, lambda n: welcome(f"acc_{n}", ADA))

    assert sum(pk.startswith("BAL#") for pk in buckets(emulator)) == 8
    assert given(emulator) == FREE_GRANT_NANOS
    assert ledger_faults(emulator.scan("ledger")) == []
