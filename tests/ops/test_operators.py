"""Operators: appointed by somebody with the account's credentials, on record for ever."""

import pytest

from ops.operators import OPERATORS, appoint, dismiss, list_operators
from sluice.errors import Conflict, NotFound
from sluice.table import Table
from tests.replaced import ManualClock
from tests.stage import Stage


@pytest.fixture
def accounts(aws: Stage) -> Table:
    table = Table(aws.table("accounts"))
    table.put({"pk": "USER#usr_ann", "sk": "USER"}).send()
    return table


def test_an_appointed_user_is_in_office_and_the_record_says_who_appointed(
    accounts: Table, clock: ManualClock
) -> None:
    appoint(accounts, "usr_ann", by="arn:of:root")

    assert [(o["user"], o["by"]) for o in list_operators(accounts)] == [("usr_ann", "arn:of:root")]
    assert list_operators(accounts)[0]["since_ms"] == clock.now_ms()


def test_nobody_unknown_is_appointed(accounts: Table) -> None:
    with pytest.raises(NotFound):
        appoint(accounts, "usr_nobody", by="arn:of:root")

    assert list_operators(accounts) == []


def test_a_dismissed_operator_stays_on_record_and_may_be_appointed_again(accounts: Table) -> None:
    appoint(accounts, "usr_ann", by="arn:of:root")

    dismiss(accounts, "usr_ann", by="arn:of:bob")
    record = accounts.find(OPERATORS, "USER#usr_ann")
    left = list_operators(accounts)
    appoint(accounts, "usr_ann", by="arn:of:bob")

    assert left == []
    assert record is not None
    assert record["dismissed_by"] == "arn:of:bob"
    assert [o["user"] for o in list_operators(accounts)] == ["usr_ann"]


def test_somebody_who_is_no_operator_cannot_be_dismissed(accounts: Table) -> None:
    with pytest.raises(Conflict):
        dismiss(accounts, "usr_ann", by="arn:of:root")
