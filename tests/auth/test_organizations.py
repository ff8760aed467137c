"""Organizations: made, shared, handed over and left; what a role may not, nobody with it can."""

from typing import Any

import pytest

from functions.auth import followups
from functions.auth.invitations.store import MAX_PENDING, VALID_S
from functions.auth.members import service, store
from functions.auth.sessions.freshness import FRESH_MS
from functions.auth.users import store as users
from functions.billing.api import handler as billing
from sluice.errors import Conflict, SluiceError
from sluice.principal import Principal, find_member, find_principal
from sluice.table import Table, Transaction
from tests import events
from tests.auth.conftest import Person, mails_to
from tests.auth.organizations import Organization, accept, signed_in, token_for, user_of
from tests.auth.seeds import HERE, verified
from tests.auth.test_followups import records
from tests.auth.test_passwords import code_for
from tests.auth.test_securing import live_keys
from tests.replaced import ManualClock
from tests.sluice.test_races import together
from tests.stage import Stage

GIVEN = ("admin", "developer", "billing", "viewer")


@pytest.fixture
def organization(aws: Stage) -> Organization:
    return Organization(signed_in("ada@example.com"))


@pytest.fixture
def grace(aws: Stage) -> Person:
    return signed_in("grace@example.com")


def code(answer: Any) -> tuple[int, str]:
    return answer.status, answer.json["code"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/accounts", None),
        ("GET", "/account", None),
        ("PATCH", "/account", {"name": "Mine"}),
        ("POST", "/account/secure", None),
        ("POST", "/organizations", {"name": "Mine"}),
        ("GET", "/members", None),
        ("PATCH", "/members/usr_1", {"role": "viewer"}),
        ("DELETE", "/members/usr_1", None),
        ("POST", "/members/leave", None),
        ("POST", "/members/usr_1/ownership", None),
        ("POST", "/invitations", {"email": "eve@example.com", "role": "admin"}),
        ("GET", "/invitations", None),
        ("DELETE", "/invitations/inv_1", None),
        ("POST", "/invitations/accept", {"token": "t"}),
    ],
)
def test_of_an_organization_strangers_and_keys_learn_and_change_nothing(
    organization: Organization, grace: Person, method: str, path: str, body: Any
) -> None:
    key = organization.send("POST", "/keys", body={"name": "ci"}).json["secret"]
    before = organization.roles()

    anonymous = Person().send(method, path, body=body)
    by_key = Person().send(method, path, body=body, bearer=key)
    foreign = organization.send(method, path, by=grace, body=body)

    assert (anonymous.status, by_key.status) == (401, 403)
    own_matters = path in {"/accounts", "/organizations", "/invitations/accept"}
    assert own_matters or code(foreign) == (404, "not_found")
    assert organization.id not in str(foreign.json)
    assert organization.roles() == before == {"ada@example.com": "owner"}


def test_an_invited_person_becomes_a_member_and_acts_for_the_organization(
    organization: Organization, grace: Person
) -> None:
    invited = organization.invite(grace.email, "developer")
    joined = accept(grace)

    assert (invited.status, joined.status) == (201, 201)
    assert (joined.json["id"], joined.json["role"]) == (organization.id, "developer")
    assert organization.roles() == {"ada@example.com": "owner", grace.email: "developer"}
    assert organization.send("GET", "/invitations").json["data"] == []
    own, shared = grace.send("GET", "/accounts").json["data"]
    assert (own["own"], own["role"], shared["id"]) == (True, "owner", organization.id)
    acting = organization.send("GET", "/whoami", by=grace).json
    assert (acting["account"], acting["role"]) == (organization.id, "developer")
    made = organization.send("POST", "/keys", by=grace, body={"name": "ci"}).json
    assert made["made_by"] == user_of(grace)
    assert set(made["scopes"]) == {"inference", "inference:read", "content:read"}
    by_key = Person().send("GET", "/whoami", bearer=made["secret"]).json
    assert by_key["account"] == organization.id


def test_a_token_works_once_for_its_address_and_for_seven_days(
    clock: ManualClock, organization: Organization, grace: Person
) -> None:
    eve = signed_in("eve@example.com")
    organization.invite(grace.email)
    token = token_for(grace.email)

    assert code(accept(eve, token)) == (403, "invitation_not_yours")
    assert accept(grace, token).status == 201
    assert code(accept(grace, token)) == (404, "invitation_unknown")
    assert code(accept(eve, "nonsense")) == (404, "invitation_unknown")
    organization.invite(eve.email)
    clock.advance(VALID_S)
    late = signed_in("late@example.com")
    assert code(accept(late, token_for(eve.email))) == (404, "invitation_unknown")


def test_inviting_again_ends_the_earlier_mail_and_withdrawing_ends_it_all(
    organization: Organization, grace: Person
) -> None:
    organization.invite(grace.email, "viewer")
    first = token_for(grace.email)
    second = organization.invite(grace.email, "admin").json

    assert code(accept(grace, first)) == (404, "invitation_unknown")
    [listed] = organization.send("GET", "/invitations").json["data"]
    assert (listed["id"], listed["role"]) == (second["id"], "admin")
    assert organization.send("DELETE", f"/invitations/{second['id']}").status == 204
    assert code(organization.send("DELETE", f"/invitations/{second['id']}")) == (
        404,
        "invitation_unknown",
    )
    assert code(accept(grace)) == (404, "invitation_unknown")
    assert organization.roles() == {"ada@example.com": "owner"}


def test_what_cannot_be_invited(organization: Organization, grace: Person) -> None:
    organization.take_in(grace)

    assert code(organization.invite(grace.email)) == (409, "already_member")
    assert code(organization.invite("no address")) == (422, "invalid_email")
    assert code(organization.invite("eve@example.com", "owner")) == (422, "invalid_input")
    own = organization.owner.send(
        "POST", "/invitations", body={"email": grace.email, "role": "admin"}
    )
    assert code(own) == (409, "not_an_organization")


def test_so_many_invitations_are_open_and_no_more(aws: Stage, organization: Organization) -> None:
    table = Table(aws.table("accounts"))
    organization.invite("grace@example.com")
    [one] = [item for item in aws.scan("accounts") if item["sk"].startswith("INVITATION#")]
    for number in range(1, MAX_PENDING):
        table.put(one | {"sk": f"INVITATION#{number}"}).send()

    assert code(organization.invite("eve@example.com")) == (409, "too_many_invitations")


@pytest.mark.parametrize("role", GIVEN)
def test_only_who_may_manage_members_changes_them(
    organization: Organization, grace: Person, role: str
) -> None:
    organization.take_in(grace, role)
    eve = organization.take_in(signed_in("eve@example.com"), "viewer")
    target = user_of(eve)

    statuses = [
        organization.invite("new@example.com", "viewer", by=grace).status,
        organization.send("PATCH", f"/members/{target}", grace, body={"role": "billing"}).status,
        organization.send("DELETE", f"/members/{target}", grace).status,
        organization.send("POST", f"/members/{target}/ownership", grace).status,
    ]

    assert statuses == ([201, 200, 204, 403] if role == "admin" else [403] * 4)


def test_nobody_makes_themselves_the_owner_or_removes_the_owner(
    organization: Organization, grace: Person
) -> None:
    organization.take_in(grace, "admin")
    ada, own = user_of(organization.owner), user_of(grace)

    for answer in (
        organization.send("DELETE", f"/members/{ada}", grace),
        organization.send("PATCH", f"/members/{ada}", grace, body={"role": "viewer"}),
        organization.send("POST", "/members/leave"),
    ):
        assert code(answer) == (409, "owner_stays")
    escalated = organization.send("PATCH", f"/members/{own}", grace, body={"role": "owner"})
    assert code(escalated) == (422, "invalid_input")
    assert organization.send("POST", f"/members/{own}/ownership", grace).status == 403
    assert organization.roles() == {"ada@example.com": "owner", grace.email: "admin"}


def test_a_removed_or_demoted_member_may_no_more_at_once(
    organization: Organization, grace: Person
) -> None:
    organization.take_in(grace, "admin")
    key = organization.send("POST", "/keys", by=grace, body={"name": "ci"}).json["secret"]
    user = user_of(grace)

    organization.send("PATCH", f"/members/{user}", body={"role": "viewer"})
    assert organization.send("POST", "/keys", grace, body={"name": "b"}).status == 403
    assert organization.send("GET", "/keys", grace).status == 200
    organization.send("DELETE", f"/members/{user}")
    assert code(organization.send("GET", "/keys", grace)) == (404, "not_found")
    assert code(organization.send("DELETE", f"/members/{user}")) == (404, "not_found")
    assert len(grace.send("GET", "/accounts").json["data"]) == 1
    # The key is the organization's, and goes on until somebody revokes it.
    assert Person().send("GET", "/whoami", bearer=key).status == 200


def test_ownership_is_handed_over_whole(organization: Organization, grace: Person) -> None:
    organization.take_in(grace, "developer")
    ada, heir = user_of(organization.owner), user_of(grace)

    assert organization.send("POST", f"/members/{ada}/ownership").json["code"] == "already_owner"
    assert code(organization.send("POST", "/members/usr_x/ownership")) == (404, "not_found")
    assert organization.send("POST", f"/members/{heir}/ownership").status == 204

    assert organization.roles() == {"ada@example.com": "admin", grace.email: "owner"}
    assert organization.send("GET", "/account").json["owner"] == heir
    assert organization.send("POST", f"/members/{ada}/ownership").status == 403
    assert organization.send("POST", "/members/leave").status == 204
    assert code(organization.send("GET", "/members")) == (404, "not_found")


def test_a_personal_account_becomes_an_organization_with_all_it_has(aws: Stage) -> None:
    ada = signed_in("ada@example.com")
    before = ada.send("GET", "/whoami").json["account"]
    key = ada.create_key().json["secret"]

    organization = Organization(ada, from_own_account=True)

    assert organization.id == before
    own, shared = ada.send("GET", "/accounts").json["data"]
    assert own["id"] == ada.send("GET", "/whoami").json["account"] != before
    assert (shared["id"], shared["kind"], shared["role"]) == (before, "organization", "owner")
    assert Person().send("GET", "/whoami", bearer=key).json["account"] == before
    assert len(organization.send("GET", "/keys").json["data"]) == 1
    assert ada.send("GET", "/keys").json["data"] == []
    told = [item["type"] for item in aws.scan("accounts") if item["sk"] == "EVENT"]
    assert told.count("user.verified") == 1  # and so one free grant


def test_billing_answers_for_the_account_that_is_named(
    organization: Organization, grace: Person
) -> None:
    def balance(person: Person) -> int:
        cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
        event = events.http(
            "GET", "/v1/billing/balance", cookie=cookie, headers={"Sluice-Account": organization.id}
        )
        return events.answer_of(billing(event, events.Context())).status

    assert (balance(organization.owner), balance(grace)) == (200, 404)
    organization.take_in(grace, "viewer")
    assert balance(grace) == 403


def test_who_changes_their_address_is_listed_with_the_new_one(
    organization: Organization, grace: Person
) -> None:
    organization.take_in(grace)
    grace.send("POST", "/email", body={"email": "hopper@example.org"})

    confirmed = grace.send("POST", "/email/confirm", body={"code": code_for("hopper@example.org")})

    assert confirmed.status == 200

    assert "hopper@example.org" in organization.roles()


def test_names_hold_no_addresses(organization: Organization) -> None:
    for name in ("", "a" * 61, "https://phish.example", "<b>", "a\nb"):
        assert code(organization.send("PATCH", "/account", body={"name": name})) == (
            422,
            "invalid_input",
        )
    assert organization.send("PATCH", "/account", body={"name": "Differences"}).json["name"] == (
        "Differences"
    )


def test_a_secured_organization_has_no_key_and_invitation_and_its_members_step_up(
    clock: ManualClock, organization: Organization, grace: Person, aws: Stage
) -> None:
    organization.take_in(grace, "admin")
    organization.send("POST", "/keys", body={"name": "ci"})
    organization.invite("eve@example.com")
    clock.advance(1)

    secured = organization.send("POST", "/account/secure", by=grace)

    assert (secured.status, secured.json) == (200, {"keys_ended": 1})
    assert live_keys(aws) == []
    assert code(accept(signed_in("eve@example.com"))) == (404, "invitation_unknown")
    for person in (organization.owner, grace):
        answer = organization.send("GET", "/members", by=person)
        assert code(answer) == (403, "step_up_required")
        assert person.send("GET", "/whoami").status == 200
    followups.handler(records(aws), events.Context())
    assert "secured" in mails_to("ada@example.com")[-1]
    assert code(grace.send("POST", "/account/secure")) == (409, "not_an_organization")


def test_old_sessions_manage_no_members(
    clock: ManualClock, organization: Organization, grace: Person
) -> None:
    organization.take_in(grace)
    clock.advance(FRESH_MS // 1000)

    answers = [
        organization.invite("eve@example.com"),
        organization.send("DELETE", f"/members/{user_of(grace)}"),
        organization.owner.send("POST", "/organizations", body={"name": "More"}),
    ]

    assert {code(answer) for answer in answers} == {(403, "step_up_required")}


def test_every_step_stands_in_the_organization_s_audit_log(
    organization: Organization, grace: Person
) -> None:
    organization.take_in(grace, "admin")
    organization.send("PATCH", f"/members/{user_of(grace)}", body={"role": "viewer"})
    organization.send("POST", "/members/leave", by=grace)

    entries = organization.send("GET", "/audit").json["data"]

    assert [entry["action"] for entry in reversed(entries)] == [
        "organization.created",
        "invitation.made",
        "member.joined",
        "member.made_viewer",
        "member.left",
    ]


def _principal(person: Person, account: str) -> Principal:
    own = find_principal("SESSION", person.cookies["sluice_session"])
    acting = own and find_member(own, account)
    assert acting
    return acting


def test_of_many_hand_overs_at_once_one_has_an_heir_and_one_owner_stays(emulator: Stage) -> None:
    organization = Organization(signed_in("ada@example.com"))
    owner = _principal(organization.owner, organization.id)
    heirs = [_member(organization, f"{number}@example.com") for number in range(6)]

    def hand_over(number: int) -> bool:
        try:
            service.hand_over(owner, heirs[number], HERE)
        except SluiceError:
            return False
        return True

    assert sum(together(6, hand_over)) == 1

    roles = [member["role"] for member in store.list_(organization.id)]
    assert (roles.count("owner"), roles.count("admin")) == (1, 1)


def test_the_last_places_are_taken_by_as_many_as_there_are(emulator: Stage) -> None:
    organization = Organization(signed_in("ada@example.com"))
    table = Table(emulator.table("accounts"))
    key = (f"ACCOUNT#{organization.id}", "ACCOUNT")
    table.update(*key, set_={"members": store.MAX_MEMBERS - 2}).send()

    def join(number: int) -> bool:
        try:
            _member(organization, f"{number}@example.com")
        except Conflict:
            return False
        return True

    assert sum(together(6, join)) == 2
    assert table.find(*key)["members"] == store.MAX_MEMBERS  # type: ignore[index]  # it is there


def _member(organization: Organization, email: str) -> str:
    """Joined as by an invitation."""
    user = users.get(verified(email).user)
    Transaction().add(
        *store.join(organization.id, user, "developer"), store.count_in(organization.id)
    ).commit()
    return str(user["id"])
