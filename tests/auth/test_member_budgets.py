"""What a member may spend: set with the member, and counted for the member's keys too."""

from typing import Any

import pytest

from functions.auth.keys import store as keys
from functions.auth.members import budgets, store
from sluice.principal import find_principal, forget_cached
from tests.auth.conftest import Person
from tests.auth.organizations import Organization, signed_in, user_of

FIVE = {"usd": "5", "period": "month"}


@pytest.fixture
def owner(aws: Any) -> Person:
    return signed_in("ada@example.com")


@pytest.fixture
def organization(owner: Person) -> Organization:
    return Organization(owner)


@pytest.fixture
def member(organization: Organization) -> Person:
    return organization.take_in(signed_in("bob@example.com"))


def give(organization: Organization, who: str, budget: Any, by: Person | None = None) -> Any:
    return organization.send("PATCH", f"/members/{who}", by, body={"budget": budget})


def limits_of(secret: str) -> Any:
    forget_cached()
    principal = find_principal("KEY", secret)
    assert principal
    return principal.member_budget


def test_a_member_has_a_budget_and_so_have_the_keys_that_the_member_made(
    organization: Organization, owner: Person, member: Person
) -> None:
    before = organization.send("POST", "/keys", member, body={"name": "before"}).json["secret"]
    others = organization.send("POST", "/keys", body={"name": "others"}).json["secret"]
    bob = user_of(member)

    given = give(organization, bob, FIVE)

    assert (given.status, given.json["budget"]) == (200, FIVE)
    assert organization.send("GET", "/whoami", member).json["member_budget"] == FIVE
    after = organization.send("POST", "/keys", member, body={"name": "after"}).json["secret"]
    for secret in (before, after):
        told = limits_of(secret)
        assert told == {"id": f"{organization.id}.{bob}", "nanos": 5 * 10**9, "period": "month"}
    assert limits_of(others) is None

    assert give(organization, bob, None).json["budget"] is None
    assert limits_of(before) is limits_of(after) is None


def test_a_role_changes_without_the_budget(organization: Organization, member: Person) -> None:
    bob = user_of(member)
    give(organization, bob, FIVE)

    changed = organization.send("PATCH", f"/members/{bob}", body={"role": "billing"})

    assert (changed.json["role"], changed.json["budget"]) == ("billing", FIVE)


def test_the_owners_budget_is_the_owners_own_matter(
    organization: Organization, owner: Person
) -> None:
    admin = organization.take_in(signed_in("eve@example.com"), "admin")
    ada = user_of(owner)

    assert give(organization, ada, FIVE, by=admin).json["code"] == "owner_stays"
    assert give(organization, ada, FIVE).json["budget"] == FIVE


def test_a_budget_of_nobody_or_by_nobody_is_refused(
    organization: Organization, member: Person
) -> None:
    stranger = user_of(signed_in("joe@example.com"))

    assert give(organization, stranger, FIVE).status == 404
    assert give(organization, user_of(member), FIVE, by=member).status == 403
    bad = {"usd": "-1", "period": "month"}
    assert give(organization, user_of(member), bad).status == 422


def test_the_stream_tells_the_keys_when_whoever_changed_it_died(
    organization: Organization, member: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = organization.send("POST", "/keys", member, body={"name": "ci"}).json["secret"]
    bob = user_of(member)
    with monkeypatch.context() as dead:
        dead.setattr(budgets, "tell_keys", lambda account, user: None)
        give(organization, bob, FIVE)
    assert limits_of(secret) is None

    budgets.tell_keys(organization.id, bob)
    budgets.tell_keys(organization.id, bob)

    assert limits_of(secret)["nanos"] == 5 * 10**9


def test_a_key_that_is_made_while_the_budget_changes_does_not_escape_it(
    organization: Organization, member: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = user_of(member)
    create = keys.create

    def late(*parts: Any) -> Any:
        writes = create(*parts)
        store.set_budget(
            organization.id,
            bob,
            {"id": "x", "nanos": 1, "period": "total"},
            by_owner=False,
        ).send()
        return writes

    with monkeypatch.context() as race:
        race.setattr(keys, "create", late)
        refused = organization.send("POST", "/keys", member, body={"name": "sly"})

    assert refused.status == 503
    made = organization.send("POST", "/keys", member, body={"name": "honest"}).json["secret"]
    assert limits_of(made)["nanos"] == 1
