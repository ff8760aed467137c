"""Signing in and out, and what guessing gets."""

import pytest
from argon2 import PasswordHasher

from functions.auth.attempts.store import count
from functions.auth.passwords import rules as passwords
from functions.auth.sessions.service import ATTACKED
from functions.auth.users.mailbox import login_of
from sluice import aws
from sluice.principal import forget_cached
from tests.auth.conftest import Person, become_user
from tests.replaced import ManualClock
from tests.stage import Stage

HOUR_S = 3600
SESSION = "sluice_session"


def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_cannot_use(ada: Person) -> None:
    ada.sign_up()
    ada.verify()

    answer = ada.sign_in()

    [cookie] = answer.cookies
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=strict", "path=/"} <= attributes
    assert len(ada.cookies[SESSION]) * 6 >= 128


def test_an_unknown_address_is_answered_like_a_wrong_password(user: Person) -> None:
    wrong, unknown = user.sign_in("a wrong one"), Person("bob@example.com").sign_in()

    assert wrong.status == unknown.status == 401
    told = [{**answer.json, "request_id": ""} for answer in (wrong, unknown)]
    assert told[0] == told[1]
    assert told[0]["code"] == "wrong_credentials"


def test_an_unknown_address_costs_the_same_work_as_a_wrong_password(
    user: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    aws.client("dynamodb").meta.events.register(
        "before-call", lambda model, **_: calls.append(model.name)
    )
    hasher = CountingHasher(calls)
    monkeypatch.setattr(passwords, "_hasher", hasher)

    user.sign_in("a wrong one")
    for_known = list(calls)
    calls.clear()
    Person("bob@example.com").sign_in()

    assert for_known == calls
    assert calls.count("verify") == 2


class CountingHasher:
    """The real one, noting each verification."""

    def __init__(self, calls: list[str]) -> None:
        self._real, self._calls = PasswordHasher(2, 19 * 1024, 1), calls

    def verify(self, hashed: str, password: str) -> bool:
        self._calls.append("verify")
        return bool(self._real.verify(hashed, password))

    def hash(self, password: str) -> str:
        return self._real.hash(password)


def test_without_verification_the_right_password_is_told_what_is_missing(ada: Person) -> None:
    ada.sign_up()

    right, wrong = ada.sign_in(), ada.sign_in("a wrong one")

    assert (right.status, right.json["code"]) == (403, "email_not_verified")
    assert (wrong.status, wrong.json["code"]) == (401, "wrong_credentials")
    assert SESSION not in ada.cookies


def test_signing_up_and_in_does_not_tell_whether_the_address_has_an_account(user: Person) -> None:
    probes = [
        Person(email, "the attacker's password", "198.51.100.9")
        for email in (user.email, "bob@example.com")
    ]

    for probe in probes:
        probe.sign_up()
    told = [{**probe.sign_in().json, "request_id": ""} for probe in probes]

    assert told[0] == told[1]


def test_a_session_is_new_at_each_sign_in_and_the_browsers_previous_one_ends(
    user: Person,
) -> None:
    first = dict(user.cookies)
    user.sign_in()

    forget_cached()
    assert user.cookies[SESSION] != first[SESSION]
    assert user.send("GET", "/whoami").status == 200
    assert Person(cookies=first).send("GET", "/whoami").status == 401


def test_a_token_chosen_by_somebody_else_never_becomes_a_session(ada: Person) -> None:
    ada.sign_up()
    ada.verify()
    ada.cookies[SESSION] = "chosen-by-somebody-else"

    ada.sign_in()

    assert ada.cookies[SESSION] != "chosen-by-somebody-else"
    planted = Person(cookies={SESSION: "chosen-by-somebody-else"})
    assert planted.send("GET", "/whoami").status == 401


def test_whoever_guesses_is_stopped_and_the_owner_elsewhere_is_not(
    user: Person, clock: ManualClock
) -> None:
    guesser = Person(user.email, "a guess", "198.51.100.9")

    guesses = [guesser.sign_in().status for _ in range(11)]

    assert guesses == [401] * 10 + [429]
    assert guesser.sign_in(user.password).status == 429
    assert user.sign_in().status == 200


def test_however_many_networks_guess_the_owner_can_sign_in(
    user: Person, clock: ManualClock
) -> None:
    for _ in range(ATTACKED.count):  # as so many networks' guesses would
        count(ATTACKED, login_of(user.email))
    newcomer = Person(user.email, "a guess", "198.51.200.1")

    guesses = [newcomer.sign_in().status for _ in range(4)]

    assert guesses == [401] * 3 + [429]
    assert Person(user.email, address="192.0.2.1").sign_in().status == 200


def test_limits_end_with_their_window(user: Person, clock: ManualClock) -> None:
    for _ in range(11):
        user.sign_in("a guess")
    wait_s = int(user.sign_in().headers["retry-after"])

    clock.advance(wait_s)

    assert user.sign_in().status == 200


def test_a_session_ends_when_idle_for_twelve_hours(user: Person, clock: ManualClock) -> None:
    user.sign_in()
    clock.advance(12 * HOUR_S)

    assert user.send("GET", "/whoami").status == 401


def test_a_session_in_use_goes_on_until_its_absolute_end(user: Person, clock: ManualClock) -> None:
    user.sign_in()
    statuses = []
    for _ in range(7 * 24 // 8):
        clock.advance(8 * HOUR_S)
        statuses.append(user.send("GET", "/whoami").status)

    assert statuses == [200] * 20 + [401]


def test_signing_out_without_a_session_is_unauthenticated(ada: Person) -> None:
    assert ada.send("POST", "/sign-out").status == 401


def test_signing_out_ends_the_session_at_once_and_leaves_nothing_of_it(
    user: Person, aws: Stage
) -> None:
    session = dict(user.cookies)

    answer = user.send("POST", "/sign-out")

    assert answer.status == 204
    assert user.cookies[SESSION] == ""
    assert Person(cookies=session).send("GET", "/whoami").status == 401
    assert not [item for item in aws.scan("accounts") if "SESSION#" in item["pk"] + item["sk"]]


def test_a_key_cannot_sign_out(user: Person) -> None:
    key = user.create_key().json["secret"]

    assert Person().send("POST", "/sign-out", bearer=key).status == 403


def test_only_our_own_pages_may_change_something_under_a_session(user: Person) -> None:
    ours: list[dict[str, str]] = [
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "http://localhost:8400"},
    ]
    others: list[dict[str, str]] = [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://localhost:8400"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ]

    statuses = [
        [user.create_key(headers=headers).status for headers in pages] for pages in (ours, others)
    ]

    assert statuses == [[201] * 4, [403] * 4]


def test_another_sites_page_cannot_sign_a_browser_in(ada: Person) -> None:
    become_user(ada)

    answer = ada.send(
        "POST",
        "/sign-in",
        body={"email": ada.email, "password": ada.password},
        headers={"sec-fetch-site": "cross-site"},
    )

    assert (answer.status, answer.json["code"]) == (403, "foreign_origin")
    assert not answer.cookies
