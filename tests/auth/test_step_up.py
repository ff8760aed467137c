"""A session that was left open does not hand the account over."""

from typing import Any

import pytest

from functions.auth.sessions import ends
from functions.auth.sessions.freshness import FRESH_MS
from functions.auth.sessions.service import sign_in
from functions.auth.sessions.step_up import step_up as prove
from sluice.errors import SluiceError
from sluice.principal import SESSION_COOKIE, find_principal
from tests.auth.conftest import PASSWORD, Person
from tests.auth.seeds import EMAIL, HERE, verified
from tests.auth.test_sessions import everything_of, is_in
from tests.replaced import ManualClock
from tests.sluice.test_races import together
from tests.stage import Stage

FRESH_S = FRESH_MS / 1000
GUARDED: list[tuple[str, str, Any]] = [
    ("POST", "/keys", {"name": "laptop"}),
    ("DELETE", "/keys/key_x", None),
    ("POST", "/email", {"email": "ada@example.org"}),
]


def step_up(person: Person, password: str = PASSWORD, **parts: Any) -> Any:
    return person.send("POST", "/step-up", body={"password": password}, **parts)


def test_nobody_steps_up_without_a_session(ada: Person) -> None:
    assert step_up(ada).status == 401


def test_a_key_cannot_step_up(user: Person) -> None:
    key = user.create_key().json["secret"]

    assert step_up(Person(), bearer=key).status == 403


@pytest.mark.parametrize(("method", "path", "body"), GUARDED)
def test_half_an_hour_after_sign_in_more_than_the_session_is_asked_for(
    user: Person, clock: ManualClock, method: str, path: str, body: Any
) -> None:
    user.sign_in()
    clock.advance(FRESH_S - 1)
    before = user.send(method, path, body=body).json
    clock.advance(1)

    after = user.send(method, path, body=body)

    assert not before or before.get("code") != "step_up_required"
    assert (after.status, after.json["code"]) == (403, "step_up_required")


@pytest.mark.parametrize(("method", "path", "body"), GUARDED)
def test_after_step_up_it_is_done(
    user: Person, clock: ManualClock, method: str, path: str, body: Any
) -> None:
    user.sign_in()
    clock.advance(FRESH_S)

    answer = step_up(user)

    assert answer.json == {"fresh_until": "2026-11-25T13:00:00.000Z"}
    assert user.send(method, path, body=body).status in {201, 202, 404}


def test_a_wrong_password_proves_nothing_and_guesses_are_counted(
    user: Person, clock: ManualClock
) -> None:
    user.sign_in()
    clock.advance(FRESH_S)

    guesses = [step_up(user, f"guess {number}") for number in range(11)]

    assert [guess.status for guess in guesses] == [403] * 10 + [429]
    assert guesses[0].json["code"] == "wrong_password"
    assert user.create_key().json["code"] == "step_up_required"


def test_step_up_gives_the_session_another_token_and_ends_the_one_before(
    user: Person, aws: Stage
) -> None:
    [session] = user.send("GET", "/sessions").json["data"]
    before = dict(user.cookies)

    step_up(user)

    assert user.cookies[SESSION_COOKIE] != before[SESSION_COOKIE]
    assert (is_in(user), is_in(Person(cookies=before))) == (True, False)
    assert [each["id"] for each in user.send("GET", "/sessions").json["data"]] == [session["id"]]
    assert len(everything_of(aws)) == 2


def test_of_many_who_step_up_with_one_token_one_goes_on(emulator: Stage) -> None:
    verified()
    session = sign_in(EMAIL, PASSWORD, None, HERE)
    owner = find_principal("SESSION", session.token)
    assert owner

    def act(number: int) -> bool:
        try:
            prove(owner, session.token, PASSWORD, None, HERE)
        except SluiceError:
            return False
        return True

    assert together(4, act).count(True) == 1
    assert len(everything_of(emulator)) == 2


def test_a_session_that_steps_up_while_others_end_it_leaves_no_token_behind(
    emulator: Stage,
) -> None:
    verified()
    tokens = [sign_in(EMAIL, PASSWORD, None, HERE).token for _ in range(2)]
    owners = [find_principal("SESSION", token) for token in tokens]

    def act(number: int) -> None:
        owner = owners[number]
        assert owner
        try:
            if number:
                prove(owner, tokens[number], PASSWORD, None, HERE)
            else:
                ends.end_others(owner, HERE)
        except SluiceError:
            return

    together(2, act)

    assert len(everything_of(emulator)) == 2


def test_a_session_that_has_ended_makes_no_key_while_it_is_remembered(
    user: Person, aws: Stage
) -> None:
    """Another process ended it, and this one still knows its principal."""
    assert is_in(user)
    for item in everything_of(aws):
        aws.client("dynamodb").delete_item(
            TableName=aws.table("accounts"), Key={k: {"S": item[k]} for k in ("pk", "sk")}
        )

    answers = [user.create_key(), user.send("POST", "/email", body={"email": "bob@example.com"})]

    assert [answer.status for answer in answers] == [401, 401]
