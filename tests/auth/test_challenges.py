"""Challenges: asked of whoever comes in numbers, verified by somebody else, never in the way."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import respx

from functions.auth.challenges.service import OFTEN
from functions.auth.sessions.service import ATTACKED
from tests.auth.conftest import Person, become_user
from tests.replaced import ManualClock
from tests.stage import Stage

URL = "https://verifier.example/siteverify"
SITE_KEY = "1x00000000000000000000AA"
SCRIPT = "https://verifier.example.com/api.js"


class Verifier:
    """Answers as Turnstile documents it."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.answer: Any = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        given = {name: each[0] for name, each in parse_qs(request.content.decode()).items()}
        self.asked.append(given)
        if self.answer is not None:
            return httpx.Response(*self.answer)
        if given["response"] == "solved":
            return httpx.Response(200, json={"success": True, "error-codes": []})
        refused = {"success": False, "error-codes": ["invalid-input-response"]}
        return httpx.Response(200, json=refused)


@pytest.fixture
def verifier(aws: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Verifier]:
    said = {"site_key": SITE_KEY, "secret_id": f"{aws.prefix}-root", "url": URL, "script": SCRIPT}
    monkeypatch.setenv("CHALLENGE", json.dumps(said))
    made = Verifier()
    with respx.mock(assert_all_called=False) as router:
        router.post(URL).mock(side_effect=made)
        yield made


def sign_ups(count: int, **changes: Any) -> list[tuple[int, str]]:
    answers = [
        Person(f"{number}@example.com").sign_up(email=f"{number}@example.com", **changes)
        for number in range(count)
    ]
    return [(answer.status, answer.json.get("code", "")) for answer in answers]


def test_a_stage_without_a_verifier_challenges_nobody(aws: Stage) -> None:
    assert Person().send("GET", "/challenge").json == {"site_key": None, "script": None}
    assert {status for status, _ in sign_ups(OFTEN + 1)} == {201}


def test_a_few_sign_ups_are_free_and_more_take_a_solved_challenge(verifier: Verifier) -> None:
    assert Person().send("GET", "/challenge").json == {"site_key": SITE_KEY, "script": SCRIPT}

    assert {status for status, _ in sign_ups(OFTEN)} == {201}
    assert verifier.asked == []
    assert sign_ups(1) == [(403, "challenge_required")]
    assert sign_ups(1, challenge="wrong") == [(403, "challenge_failed")]
    assert sign_ups(1, challenge="solved") == [(201, "")]

    assert [given["response"] for given in verifier.asked] == ["wrong", "solved"]
    assert {given["remoteip"] for given in verifier.asked} == {Person().address}
    assert all(given["secret"] for given in verifier.asked)


@pytest.mark.parametrize(
    "answer", [(500,), (200, None, b"no json"), (200, None, b"[]"), (302,)], ids=str
)
def test_a_dead_verifier_refuses_and_says_when_to_come_again(
    verifier: Verifier, answer: Any
) -> None:
    sign_ups(OFTEN)
    verifier.answer = answer

    refused = Person().sign_up(email="new@example.com", challenge="solved")

    assert (refused.status, refused.json["code"]) == (503, "service_unavailable")
    assert refused.headers["retry-after"] == "10"


def test_resets_are_challenged_too(verifier: Verifier) -> None:
    def ask(**more: Any) -> int:
        body = {"email": "ada@example.com"} | more
        return Person().send("POST", "/password/reset", body=body).status

    assert [ask() for _ in range(4)] == [202] * 4
    elsewhere = [
        Person().send("POST", "/password/reset", body={"email": f"{n}@example.com"}).status
        for n in range(3)
    ]
    assert elsewhere == [202, 403, 403]
    solved = {"email": "9@example.com", "challenge": "solved"}
    assert Person().send("POST", "/password/reset", body=solved).status == 202


def test_the_owner_of_an_attacked_login_gets_more_attempts_by_a_challenge(
    verifier: Verifier, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from functions.auth.sessions import service

    owner = become_user(Person())
    monkeypatch.setattr(service, "ATTACKED", type(ATTACKED)("sign-in", 0, 3600))
    clock.advance(600)

    def attempt(**more: Any) -> int:
        body = {"email": owner.email, "password": "wrong"} | more
        return Person().send("POST", "/sign-in", body=body).status

    plain = [attempt() for _ in range(4)]
    solved = attempt(challenge="solved")
    verifier.answer = (500,)
    dead = attempt(challenge="solved")

    assert plain == [401, 401, 401, 429]
    assert solved == 401
    assert dead == 429
