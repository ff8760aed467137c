"""Sign-up through a double of Turnstile: what it documents is what the product relies on."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import respx
from starlette.testclient import TestClient

from functions.auth.challenges.service import OFTEN
from local.providers.turnstile import TOKEN_VALID_S, Turnstile, application
from tests.auth.conftest import Person
from tests.auth.test_challenges import SITE_KEY, sign_ups
from tests.replaced import ManualClock
from tests.stage import ROOT_SECRET, Stage

URL = "http://turnstile.example/turnstile/v0/siteverify"


@pytest.fixture
def turnstile(aws: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Turnstile]:
    """The verifier that the product asks."""
    said = {"site_key": SITE_KEY, "secret_id": f"{aws.prefix}-root", "url": URL, "script": URL}
    monkeypatch.setenv("CHALLENGE", json.dumps(said))
    made = Turnstile(ROOT_SECRET, "localhost")
    client = TestClient(application(made))

    def answer(request: httpx.Request) -> httpx.Response:
        kind = {"content-type": request.headers["content-type"]}
        told = client.post(request.url.path, content=request.content, headers=kind)
        return httpx.Response(told.status_code, content=told.content)

    with respx.mock(assert_all_called=False) as router:
        router.post(URL).mock(side_effect=answer)
        yield made


def test_sign_up_takes_a_token_that_is_fresh_and_unspent(
    turnstile: Turnstile, clock: ManualClock
) -> None:
    sign_ups(OFTEN)
    good, late = turnstile.issue(), turnstile.issue()

    assert sign_ups(1) == [(403, "challenge_required")]
    assert sign_ups(1, challenge="made up") == [(403, "challenge_failed")]
    assert sign_ups(1, challenge=good) == [(201, "")]
    assert sign_ups(1, challenge=good) == [(403, "challenge_failed")]
    clock.advance(TOKEN_VALID_S + 1)
    again = Person().sign_up(email="late@example.com", challenge=late)
    assert (again.status, again.json["code"]) == (403, "challenge_failed")


def test_the_secret_that_always_passes_takes_any_token() -> None:
    turnstile = Turnstile("own", "localhost")

    told = turnstile.verify({"secret": "1x0000000000000000000000000000000AA", "response": "a"})

    assert told["success"] is True


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "missing-input-secret"),
        ({"secret": "another", "response": "a"}, "invalid-input-secret"),
        ({"secret": "own"}, "missing-input-response"),
        ({"secret": "own", "response": "made up"}, "invalid-input-response"),
        (
            {"secret": "2x0000000000000000000000000000000AA", "response": "a"},
            "invalid-input-response",
        ),
        (
            {"secret": "3x0000000000000000000000000000000AA", "response": "a"},
            "timeout-or-duplicate",
        ),
    ],
)
def test_what_is_wrong_is_named_as_documented(given: dict[str, Any], code: str) -> None:
    client = TestClient(application(Turnstile("own", "localhost")))

    path, refused = "/turnstile/v0/siteverify", {"success": False, "error-codes": [code]}
    assert client.post(path, json=given).json() == refused
    assert client.post(path, data=given).json() == refused


def test_a_repeated_question_with_its_key_gets_its_answer_again() -> None:
    turnstile = Turnstile("own", "localhost")
    asked = {"secret": "own", "response": turnstile.issue("sign-up", "c"), "idempotency_key": "k"}

    first, again = turnstile.verify(asked), turnstile.verify(asked)

    assert first == again
    assert (first["success"], first["action"], first["cdata"]) == (True, "sign-up", "c")
    assert turnstile.verify(asked | {"idempotency_key": "l"})["success"] is False
