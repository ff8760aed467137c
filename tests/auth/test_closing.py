"""Closing an account: asked for, undone, done when its time has come, whatever dies on the way."""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from functions.auth import closer, followups
from functions.auth.closing import service, store
from functions.auth.closing.completion import complete
from functions.auth.keys.service import Wanted, create
from functions.auth.securing.service import secure as secure_now
from functions.auth.sessions import opening
from functions.auth.sessions.freshness import FRESH_MS
from functions.auth.users import store as users
from functions.billing import events as billing
from sluice.errors import Conflict, SluiceError, Unauthenticated
from sluice.principal import SESSION_COOKIE, Principal, find_principal, forget_cached
from sluice.table import Table
from tests import events
from tests.auth.conftest import Person, become_user, mails_to
from tests.auth.organizations import Organization
from tests.auth.seeds import HERE, verified
from tests.auth.test_followups import records
from tests.auth.test_passwords import NEW, ask, code_for, confirm
from tests.auth.test_securing import Died, live_keys, mortal, works
from tests.events import Answer
from tests.replaced import ManualClock
from tests.seeds import give_credit
from tests.sluice.test_races import together
from tests.stage import Stage

__all__ = ["mortal"]
MONTH_S = service.DAYS * 24 * 3600
WEEK_S = 7 * 24 * 3600


@dataclass
class Owner:
    """A user; `person` is signed in since `come_back`."""

    email: str
    user: str
    account: str
    person: Person

    def come_back(self) -> Person:
        self.person = Person(self.email, cookies={SESSION_COOKIE: self.token()})
        return self.person

    def token(self) -> str:
        return opening.open_for(users.get(self.user), lambda now: None, None, HERE).token

    def principal(self) -> Principal:
        found = find_principal("SESSION", self.token())
        assert found
        return found

    def send(self, method: str, **parts: Any) -> Answer:
        return self.person.send(method, "/closing", **parts)


def owner(email: str = "ada@example.com") -> Owner:
    made = verified(email)
    found = Owner(email, made.user, made.account, Person(email))
    found.come_back()
    return found


@pytest.fixture
def user(aws: Stage, clock: ManualClock) -> Person:
    """One who signed up, with a password, after the clock was set."""
    return become_user(Person())


@pytest.fixture
def ada(aws: Stage, clock: ManualClock) -> Owner:
    return owner()


def run() -> int:
    """As the hour strikes."""
    closed = closer.handler(events.schedule("closer"), events.Context())["closed"]
    forget_cached()
    return closed


def account_of(stage: Stage, account: str) -> dict[str, Any]:
    [item] = [i for i in stage.scan("accounts") if i["sk"] == "ACCOUNT" and i["id"] == account]
    return item


def announced(stage: Stage, kind: str) -> list[dict[str, Any]]:
    return [item["data"] for item in stage.scan("accounts") if item.get("type") == kind]


def audited(stage: Stage, account: str) -> list[str]:
    entries = [i for i in stage.scan("accounts") if i["pk"] == f"AUDIT#{account}"]
    return [entry["action"] for entry in sorted(entries, key=lambda i: str(i["sk"]))]


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_nobody_closes_without_a_session(aws: Stage, method: str) -> None:
    assert Person().send(method, "/closing").status == 401


def test_nobody_closes_another_account(ada: Owner) -> None:
    theirs = {"Sluice-Account": ada.account}

    assert owner("mallory@example.org").send("POST", headers=theirs).status == 404
    assert ada.send("GET").json["state"] == "open"


def test_a_session_that_was_left_open_cannot_close_and_a_key_cannot(
    ada: Owner, clock: ManualClock
) -> None:
    key = ada.person.create_key().json["secret"]
    clock.advance(FRESH_MS / 1000)

    assert ada.send("POST").json["code"] == "step_up_required"
    assert Person().send("POST", "/closing", bearer=key).status == 403


def test_until_its_time_has_come_everything_works_and_signing_in_says_when(
    ada: Owner, aws: Stage, clock: ManualClock
) -> None:
    key = ada.person.create_key().json["secret"]
    asked = ada.send("POST")
    clock.advance(MONTH_S - 1)

    assert run() == 0

    assert (asked.status, asked.json["state"]) == (200, "closing")
    assert asked.json["closes_at"] == "2026-12-25T12:00:00.000Z"
    session = opening.open_for(users.get(ada.user), lambda now: None, None, HERE)
    assert session.closes_ms == account_of(aws, ada.account)["closes_ms"]
    assert works(key)


def test_sign_in_by_password_says_when_the_account_closes(user: Person) -> None:
    closes_at = user.send("POST", "/closing").json["closes_at"]

    assert user.sign_in().json["closes_at"] == closes_at


def test_asking_again_keeps_the_first_date(ada: Owner, aws: Stage, clock: ManualClock) -> None:
    first = ada.send("POST").json
    clock.advance(60)

    assert ada.send("POST").json == first
    assert audited(aws, ada.account).count("account.closing_asked") == 1


def test_whoever_changes_their_mind_keeps_all_and_may_ask_anew(
    ada: Owner, aws: Stage, clock: ManualClock
) -> None:
    key = ada.person.create_key().json["secret"]
    before = account_of(aws, ada.account)
    ada.send("POST")

    kept = ada.send("DELETE")
    after = account_of(aws, ada.account)
    clock.advance(MONTH_S + 1)
    closed = run()

    assert (kept.status, kept.json["state"], kept.json["closes_at"]) == (200, "open", None)
    assert (after, closed, works(key)) == (before, 0, True)
    ada.come_back()
    assert ada.send("DELETE").json["code"] == "not_closing"
    assert ada.send("POST").json["closes_at"] == "2027-01-24T12:00:01.000Z"


def test_when_its_time_has_come_nothing_acts_for_it_any_more(
    ada: Owner, aws: Stage, clock: ManualClock
) -> None:
    key = ada.person.create_key().json["secret"]
    ada.send("POST")
    clock.advance(MONTH_S)
    person = ada.come_back()

    assert run() == 1
    followups.handler(records(aws), events.Context())

    assert (works(key), person.send("GET", "/whoami").status) == (False, 401)
    item = account_of(aws, ada.account)
    assert (item["state"], item["epoch"], item["keys"]) == ("closed", 1, 0)
    assert "gsi1pk" not in item
    assert announced(aws, "account.secured") == [{"account": ada.account, "epoch": 1}]
    facts = {"account": ada.account, "user": ada.user, "kind": "personal"}
    assert announced(aws, "account.closed") == [facts | {"closed_ms": clock.at_ms}]
    assert {"account.closed", "session.ended", "key.revoked"} <= set(audited(aws, ada.account))
    assert "was closed at" in mails_to(ada.email)[-1]
    assert run() == 0


def test_who_was_closed_is_unknown_by_every_door_and_the_address_stays_taken(
    user: Person, aws: Stage, clock: ManualClock
) -> None:
    user.send("POST", "/closing")
    clock.advance(MONTH_S)
    ask(user)
    code = code_for(user.email)

    assert run() == 1

    unknown = Person("nobody@example.org").sign_in()
    refused = user.sign_in()
    assert (refused.status, refused.json["code"]) == (401, "wrong_credentials")
    assert refused.json["detail"] == unknown.json["detail"]
    assert confirm(user, code, NEW).json["code"] == "invalid_code"
    ask(user)
    assert "has no account" in mails_to(user.email)[-1]
    again = Person(user.email)
    assert again.sign_up().status == 201
    assert "already has an account" in mails_to(user.email)[-1]
    found = [i for i in aws.scan("accounts") if i["sk"] == "USER"]
    with pytest.raises(Unauthenticated):  # whatever proved who they are
        opening.open_for(found[0], lambda now: None, None, HERE)


def test_once_its_time_has_come_it_is_too_late_to_keep_it(ada: Owner, clock: ManualClock) -> None:
    ada.send("POST")
    clock.advance(MONTH_S)
    ada.come_back()

    assert ada.send("DELETE").json["code"] == "closing_due"


def test_billing_raises_the_epoch_of_its_credit_so_that_no_further_hold_commits(
    ada: Owner, aws: Stage, clock: ManualClock
) -> None:
    give_credit(aws, ada.account, granted_nanos=500, bought_nanos=500)
    ada.send("POST")
    clock.advance(MONTH_S)
    run()
    for event in [i for i in aws.scan("accounts") if i.get("type") == "account.secured"]:
        body = json.dumps({name: event[name] for name in ("id", "type", "at_ms", "data")})
        billing.handler(events.sqs("billing-events", body), events.Context())

    buckets = [item for item in aws.scan("ledger") if item["sk"] == "BUCKET"]
    assert [bucket["epoch"] for bucket in buckets] == [1, 1]


def test_a_suspended_account_may_be_closed_and_kept(ada: Owner, aws: Stage) -> None:
    Table(aws.table("accounts")).update(
        f"ACCOUNT#{ada.account}", "ACCOUNT", set_={"limited": "account_suspended"}
    ).send()
    ada.come_back()

    assert ada.send("POST").status == 200
    assert ada.send("DELETE").status == 200


def test_whoever_secures_the_account_keeps_it(ada: Owner, aws: Stage, clock: ManualClock) -> None:
    ada.send("POST")

    assert ada.person.send("POST", "/compromised").status == 200
    clock.advance(MONTH_S)

    assert run() == 0
    item = account_of(aws, ada.account)
    assert "state" not in item
    assert "gsi1pk" not in item
    assert announced(aws, "account.kept") == [{"account": ada.account}]


def test_what_an_intruder_remembers_does_not_open_a_closed_account_again(
    ada: Owner, aws: Stage, clock: ManualClock
) -> None:
    ada.send("POST")
    clock.advance(MONTH_S)
    remembered = ada.principal()
    run()

    with pytest.raises(SluiceError):
        service.withdraw(remembered, HERE)
    secure_now(remembered, HERE)  # within the three seconds

    assert account_of(aws, ada.account)["state"] == "closed"


# Organizations


def test_whoever_owns_organizations_hands_them_over_or_closes_them_first(ada: Owner) -> None:
    engines = Organization(ada.person)

    refused = ada.send("POST")
    closing = engines.send("POST", "/closing")

    assert (refused.status, refused.json["code"]) == (409, "owns_organizations")
    assert closing.json["state"] == "closing"
    assert ada.send("GET").json["state"] == "open"


def test_an_organization_closes_with_its_members_invitations_and_keys(
    ada: Owner, aws: Stage, clock: ManualClock
) -> None:
    engines, bob = Organization(ada.person), owner("bob@example.com")
    engines.take_in(bob.person, "admin")
    assert engines.send("POST", "/closing", bob.person).status == 403
    engines.send("POST", "/closing")
    clock.advance(MONTH_S)
    ada.come_back(), bob.come_back()
    engines.owner = ada.person
    key = engines.send("POST", "/keys", body={"name": "ci"}).json["secret"]
    engines.invite("eve@example.com")

    assert run() == 1
    followups.handler(records(aws), events.Context())

    assert not works(key)
    for person in (ada.person, bob.person):
        assert engines.send("GET", "/account", person).status == 404
        assert len(person.send("GET", "/accounts").json["data"]) == 1
    left = [i["pk"] for i in aws.scan("accounts") if engines.id in i["pk"]]
    assert not [pk for pk in left if pk.startswith(("MEMBERS#", "INVITATIONS#"))]


def test_whoever_came_to_own_one_meanwhile_waits_and_is_told(
    ada: Owner, aws: Stage, clock: ManualClock
) -> None:
    ada.send("POST")
    engines = Organization(ada.person)
    clock.advance(MONTH_S)

    assert run() == 0
    followups.handler(records(aws), events.Context())

    assert "It waits for another week" in mails_to(ada.email)[-1]
    ada.come_back()
    assert ada.send("GET").json["state"] == "closing"
    engines.owner = ada.person
    engines.send("POST", "/closing")
    clock.advance(MONTH_S + WEEK_S)
    run()  # the organization, and the account if its turn comes after
    clock.advance(WEEK_S)
    run()
    states = {account_of(aws, account)["state"] for account in (engines.id, ada.account)}
    assert states == {"closed"}


def test_a_member_leaves_with_their_account(ada: Owner, aws: Stage, clock: ManualClock) -> None:
    bob = owner("bob@example.com")
    engines = Organization(ada.person)
    engines.take_in(bob.person)
    bob.send("POST")
    clock.advance(MONTH_S)

    assert run() == 1

    engines.owner = ada.come_back()
    assert engines.roles() == {"ada@example.com": "owner"}
    assert account_of(aws, engines.id)["members"] == 1


def test_an_account_that_is_closing_becomes_no_organization(ada: Owner) -> None:
    ada.send("POST")

    body = {"name": "Engines", "from_own_account": True}
    answer = ada.person.send("POST", "/organizations", body=body)

    assert (answer.status, answer.json["code"]) == (409, "account_closing")


# Trouble


def test_wherever_the_closer_dies_the_next_hour_ends_what_it_began(
    aws: Stage, clock: ManualClock, mortal: dict[str, int]
) -> None:
    ada, bob = owner(), owner("bob@example.com")
    engines = Organization(ada.person)
    engines.take_in(bob.person)
    create(bob.principal(), Wanted("laptop"), None, HERE)
    bob.send("POST")
    clock.advance(MONTH_S)
    outcomes: list[str] = []
    at = 0
    while not outcomes or outcomes[-1] != "closed":
        mortal |= {"made": 0, "at": at}
        with suppress(Died):
            run()
        made, mortal["at"] = mortal["made"], -1
        item = account_of(aws, bob.account)
        outcomes.append(item["state"])
        assert ("closed_ms" in users.get(bob.user)) == (item["state"] == "closed")
        assert made <= at + 1
        at += 1
    run()
    followups.handler(records(aws), events.Context())

    assert outcomes.count("closing") >= 5
    assert live_keys(aws) == []
    assert len(announced(aws, "account.closed")) == 1


def test_whatever_happens_at_the_same_hour_it_closes_once_and_nobody_gets_in(
    emulator: Stage, clock: ManualClock
) -> None:
    ada = owner()
    service.ask(ada.principal(), HERE)
    clock.advance(MONTH_S)
    principal = ada.principal()
    asked = users.get(ada.user)

    def act(number: int) -> None:
        with suppress(SluiceError):
            if number < 3:
                complete(ada.account, HERE)
            elif number == 3:
                service.withdraw(principal, HERE)
            elif number == 4:
                create(principal, Wanted("late"), None, HERE)
            else:
                opening.open_for(asked, lambda now: None, None, HERE)

    together(8, act)
    followups.handler(records(emulator), events.Context())

    assert account_of(emulator, ada.account)["state"] == "closed"
    assert len(announced(emulator, "account.closed")) == 1
    assert live_keys(emulator) == []
    assert [i for i in emulator.scan("accounts") if i["sk"].startswith("SESSION")] == []


def test_erasure_goes_on_from_closed_alone(ada: Owner, aws: Stage, clock: ManualClock) -> None:
    with pytest.raises(Conflict):
        store.erase(ada.account).send()
    ada.send("POST")
    clock.advance(MONTH_S)
    run()

    store.erase(ada.account).send()

    assert account_of(aws, ada.account)["state"] == "erased"
    with pytest.raises(Conflict):
        store.erase(ada.account).send()
