"""Passwords: changed by who knows the old one, set anew by who reads the mailbox."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from functions.auth.digests import digest
from functions.auth.passwords import rules, service, store
from functions.auth.passwords.store import RESET_VALID_S
from functions.auth.sessions import service as sessions
from functions.auth.users import mailbox
from functions.auth.users.store import find_owner
from sluice import aws as product_aws
from sluice.errors import InvalidInput, SluiceError
from sluice.principal import SESSION_COOKIE
from tests.auth.conftest import PASSWORD, Person, become_user, mails_to
from tests.auth.seeds import EMAIL, HERE, verified
from tests.auth.test_sessions import elsewhere, everything_of, is_in
from tests.auth.test_sign_in import CountingHasher
from tests.replaced import ManualClock
from tests.sluice.test_races import together
from tests.stage import Stage

NEW = "nine calm herons"
CODE = re.compile(r"\b[a-z2-7]{32}\b")
WRONG = "a" * 32


def change(person: Person, current: str = PASSWORD, new: str = NEW, **parts: Any) -> Any:
    body = {"current_password": current, "password": new}
    return person.send("POST", "/password", body=body, **parts)


def ask(person: Person) -> Any:
    return person.send("POST", "/password/reset", body={"email": person.email})


def confirm(person: Person, code: str, new: str = NEW) -> Any:
    body = {"email": person.email, "code": code, "password": new}
    return person.send("POST", "/password/reset/confirm", body=body)


def code_for(email: str) -> str:
    found = CODE.search(mails_to(email)[-1])
    assert found, mails_to(email)[-1]
    return found.group()


def test_without_a_session_no_password_is_changed(ada: Person) -> None:
    answer = change(ada)

    assert (answer.status, answer.json["code"]) == (401, "unauthenticated")


def test_somebody_elses_code_resets_nothing(user: Person, stranger: Person) -> None:
    ask(stranger)

    answer = confirm(user, code_for(stranger.email))

    assert (answer.status, answer.json["code"]) == (422, "invalid_code")
    assert user.sign_in().status == 200


def test_a_key_cannot_change_the_password(user: Person) -> None:
    key = user.create_key().json["secret"]

    assert change(Person(), bearer=key).status == 403


def test_a_change_takes_the_current_password(user: Person) -> None:
    answer = change(user, "a wrong one")

    assert (answer.status, answer.json["code"]) == (403, "wrong_password")
    assert user.sign_in().status == 200


def test_a_change_ends_all_other_sessions_and_gives_this_one_another_token(
    user: Person, aws: Stage
) -> None:
    other, before = elsewhere(user), dict(user.cookies)

    answer = change(user)

    assert answer.status == 204
    assert is_in(user)
    assert (is_in(other), is_in(Person(cookies=before))) == (False, False)
    assert len(everything_of(aws)) == 2
    assert (user.sign_in().status, user.sign_in(NEW).status) == (401, 200)


def test_a_change_tells_the_owner(user: Person, aws: Stage) -> None:
    change(user)

    [notice] = [item for item in aws.scan("accounts") if item["sk"] == "NOTICE"]
    assert (notice["kind"], notice["to"]) == ("password_changed", user.email)


@pytest.mark.parametrize("new", ["password1", EMAIL])
def test_a_common_password_is_refused_here_too(user: Person, new: str) -> None:
    ask(user)

    answers = [change(user, new=new), confirm(user, code_for(user.email), new)]

    assert {(answer.status, answer.json["code"]) for answer in answers} == {(422, "weak_password")}
    assert confirm(user, code_for(user.email)).status == 204


def test_whoever_holds_a_session_cannot_guess_the_password(
    user: Person, clock: ManualClock
) -> None:
    user.sign_in()

    guesses = [change(user, f"guess {number}").status for number in range(11)]

    assert guesses == [403] * 10 + [429]
    owner = Person(user.email, address="192.0.2.1", cookies=dict(user.cookies))
    assert change(owner).status == 204


def test_a_reset_sets_the_password_and_ends_every_session(user: Person, aws: Stage) -> None:
    other = elsewhere(user)
    ask(user)

    answer = confirm(Person(user.email), code_for(user.email))

    assert answer.status == 204
    assert not answer.cookies
    assert everything_of(aws) == []
    assert (is_in(user), is_in(other)) == (False, False)
    assert (user.sign_in().status, user.sign_in(NEW).status) == (401, 200)
    assert [item["kind"] for item in aws.scan("accounts") if item["sk"] == "NOTICE"] == [
        "password_reset"
    ]


def test_a_reset_works_once(user: Person) -> None:
    ask(user)
    code = code_for(user.email)
    confirm(user, code)

    again = confirm(user, code, "a thief's own choice")

    assert (again.status, again.json["code"]) == (422, "invalid_code")
    assert user.sign_in(NEW).status == 200


def test_a_reset_ends_with_its_half_hour(user: Person, clock: ManualClock) -> None:
    ask(user)
    clock.advance(RESET_VALID_S)

    assert confirm(user, code_for(user.email)).status == 422


def test_a_newer_code_ends_the_older(user: Person) -> None:
    ask(user)
    older = code_for(user.email)
    ask(user)

    assert confirm(user, older).status == 422
    assert confirm(user, code_for(user.email)).status == 204


def test_a_changed_password_ends_the_code_that_was_sent(user: Person) -> None:
    ask(user)
    change(user)

    assert confirm(user, code_for(user.email), "a thief's own choice").status == 422


def test_asking_is_answered_alike_for_everybody(user: Person) -> None:
    known, unknown = ask(user), ask(Person("bob@example.com"))

    assert known.status == unknown.status == 202
    assert known.content == unknown.content
    assert "has no account" in mails_to("bob@example.com")[-1]
    assert not CODE.search(mails_to("bob@example.com")[-1])


@pytest.mark.parametrize("act", [ask, lambda person: confirm(person, WRONG)])
def test_an_unknown_address_costs_the_same_work(
    user: Person, monkeypatch: pytest.MonkeyPatch, act: Callable[[Person], Any]
) -> None:
    calls: list[str] = []
    for service_name in ("dynamodb", "sesv2"):
        product_aws.client(service_name).meta.events.register(
            "before-call", lambda model, **_: calls.append(model.name)
        )
    monkeypatch.setattr(rules, "_hasher", CountingHasher(calls))
    ask(user)
    ask(Person("bob@example.com"))
    calls.clear()

    act(user)
    for_known = list(calls)
    calls.clear()
    act(Person("bob@example.com"))

    assert for_known == calls


def test_what_somebody_else_prepared_under_an_address_stays_useless(ada: Person) -> None:
    mallory = Person(ada.email, "an attacker's choice", "198.51.100.9")
    mallory.sign_up()

    ask(ada)
    told = mails_to(ada.email)[-1]
    become_user(ada)
    ask(ada)
    answer = confirm(ada, code_for(ada.email))

    assert "has no account" in told
    assert answer.status == 204
    assert mallory.sign_in().status == 403
    assert Person(ada.email, NEW).sign_in().status == 200


def test_asking_is_limited_here_and_a_network_cannot_keep_the_owner_from_it(
    user: Person, clock: ManualClock
) -> None:
    mallory = Person(user.email, address="198.51.100.9")

    asked = [ask(mallory).status for _ in range(6)]

    assert asked == [202] * 5 + [429]
    assert ask(user).status == 202


FOREIGN = [
    {"email": EMAIL, "code": WRONG},
    {"email": EMAIL, "code": WRONG.upper(), "password": NEW},
    {"email": EMAIL, "code": "а" * 32, "password": NEW},
    {"email": EMAIL, "code": WRONG, "password": NEW, "user": "usr_of_somebody_else"},
    {"email": EMAIL, "code": WRONG, "password": "short"},
    {"email": [EMAIL, "bob@example.com"], "code": WRONG, "password": NEW},
]


def test_a_reset_takes_nothing_but_its_fields(user: Person) -> None:
    answers = [user.send("POST", "/password/reset/confirm", body=body) for body in FOREIGN]

    told = {(answer.status, answer.json["code"]) for answer in answers}
    assert told == {(422, "invalid_input")}


def test_another_sites_page_cannot_ask_or_confirm(user: Person) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    asked = {"email": user.email}
    confirmed = asked | {"code": WRONG, "password": NEW}

    answers = [
        user.send("POST", path, body=body, headers=headers)
        for path, body in (("/password/reset", asked), ("/password/reset/confirm", confirmed))
    ]

    told = {(answer.status, answer.json["code"]) for answer in answers}
    assert told == {(403, "foreign_origin")}


def test_of_eight_who_redeem_one_code_one_sets_the_password(emulator: Stage) -> None:
    verified()
    code = _pend(EMAIL)

    def redeem(number: int) -> bool:
        try:
            service.reset(EMAIL, code, f"password of {number}", HERE)
        except InvalidInput:
            return False
        return True

    won = together(8, redeem)

    assert won.count(True) == 1
    [user] = [item for item in emulator.scan("accounts") if item["sk"] == "USER"]
    assert rules.is_right(f"password of {won.index(True)}", user["password_hash"])


def _pend(email: str) -> str:
    """A code as `ask` makes it, without the mail, which the emulator's stage here does not send."""
    login = mailbox.login_of(email)
    owner = find_owner(login)
    assert owner
    store.pend(login, digest("reset-code", f"{login}:{WRONG}"), owner["id"]).send()
    return WRONG


def test_no_sign_in_with_the_old_password_survives_a_reset(emulator: Stage) -> None:
    """However the two interleave: it is ended with the others, or never opened."""
    verified()
    code = _pend(EMAIL)

    def act(number: int) -> None:
        if number == 0:
            service.reset(EMAIL, code, NEW, HERE)
            return
        try:
            sessions.sign_in(EMAIL, PASSWORD, None, HERE)
        except SluiceError:
            return

    together(6, act)

    assert everything_of(emulator) == []


def test_no_password_or_code_stands_in_the_table(user: Person, aws: Stage) -> None:
    ask(user)
    change(user)
    ask(user)

    kept = str(aws.scan("accounts"))

    for secret in (PASSWORD, NEW, code_for(user.email), user.cookies[SESSION_COOKIE]):
        assert secret not in kept
