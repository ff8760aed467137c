"""A suspended account reads and does nothing else, whoever acts for it; restored, it goes on."""

import pytest

from functions.auth import followups
from ops.accounts import restore, suspend
from sluice.errors import NotFound
from sluice.principal import forget_cached
from sluice.table import Table
from tests import events
from tests.auth.conftest import Person, mails_to
from tests.auth.organizations import Organization, signed_in
from tests.auth.test_followups import records
from tests.stage import Stage


@pytest.fixture
def table(aws: Stage) -> Table:
    return Table(aws.table("accounts"))


def judged(table: Table, account: str, act: str) -> int:
    made = (suspend if act == "suspend" else restore)(table, account, "case 12", "arn:of:root")
    forget_cached()
    return made


def test_of_a_suspended_account_keys_and_sessions_read_and_no_more(table: Table) -> None:
    ada = signed_in("ada@example.com")
    ada.create_key()
    account = ada.send("GET", "/whoami").json["account"]

    assert judged(table, account, "suspend") == 2

    refused = ada.create_key()
    assert (refused.status, refused.json["code"]) == (403, "account_suspended")
    assert ada.send("GET", "/keys").status == 200
    shown = ada.send("GET", "/account").json["suspended"]
    assert shown["reason"] == "case 12"
    assert ada.send("POST", "/sign-out").status == 204
    assert judged(table, account, "suspend") == 1  # it may be said again
    assert judged(table, account, "restore") == 1


def test_whoever_signs_in_meanwhile_is_limited_too(table: Table) -> None:
    ada = signed_in("ada@example.com")
    account = ada.send("GET", "/whoami").json["account"]
    judged(table, account, "suspend")

    assert ada.sign_in().status == 200

    assert ada.create_key().json["code"] == "account_suspended"
    judged(table, account, "restore")
    assert ada.create_key().status == 201
    assert ada.send("GET", "/account").json["suspended"] is None


def test_members_of_a_suspended_organization_go_on_with_their_own(table: Table) -> None:
    organization = Organization(signed_in("ada@example.com"))
    key = organization.send("POST", "/keys", body={"name": "ci"}).json["secret"]

    judged(table, organization.id, "suspend")

    renamed = organization.send("PATCH", "/account", body={"name": "Other"})
    assert (renamed.status, renamed.json["code"]) == (403, "account_suspended")
    assert organization.send("GET", "/members").status == 200
    assert Person().send("GET", "/whoami", bearer=key).status == 200
    assert organization.owner.create_key().status == 201


def test_the_owner_and_the_audit_log_are_told(table: Table, aws: Stage) -> None:
    ada = signed_in("ada@example.com")
    account = ada.send("GET", "/whoami").json["account"]

    judged(table, account, "suspend")
    judged(table, account, "restore")
    followups.handler(records(aws), events.Context())

    told = ada.send("GET", "/audit").json["data"]
    assert [(entry["action"], entry["actor"]) for entry in told[:2]] == [
        ("account.restored", "arn:of:root"),
        ("account.suspended", "arn:of:root"),
    ]
    subjects = "".join(mails_to("ada@example.com"))
    assert "is suspended" in subjects
    assert "is restored" in subjects


def test_what_is_unknown_or_in_good_standing_is_not_restored(table: Table) -> None:
    ada = signed_in("ada@example.com")

    with pytest.raises(NotFound):
        suspend(table, "acc_nobody", "why", "arn:of:root")
    with pytest.raises(NotFound):
        restore(table, ada.send("GET", "/whoami").json["account"], "why", "arn:of:root")
