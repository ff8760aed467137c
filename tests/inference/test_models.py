"""Models as callers see them, and doors of models that sleep."""

import json
from collections.abc import Callable

import pytest

from functions.inference.models.service import known_cards
from functions.inference.tasks.known import TASKS
from sluice.catalog import get_card
from sluice.schema import validate
from tests import events
from tests.inference import samples
from tests.inference.openai_client import form
from tests.inference.platform import Client, Platform, always
from tests.simulation.endpoints import Work
from tests.stage import SERVED

SLOW_S = 600


@pytest.fixture
def slow(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A stage whose models take ten minutes to wake, and sleep."""
    endpoints = {
        model: {"endpoint": f"sluice-test-{model}", "wake_s": SLOW_S, "timeout_s": 60}
        for model in SERVED
    }
    monkeypatch.setenv("ENDPOINTS", json.dumps(endpoints))
    platform.awake = False
    return platform


def test_models_are_listed_with_prices_and_whether_they_are_served(ada: Client) -> None:
    listed = {model["id"]: model for model in ada.get("/v1/inference/models").json["data"]}

    assert listed["smollm2-135m"]["served"] is True
    assert listed["qwen2-5-7b"]["served"] is False
    assert listed["e5-small"]["prices"] == {
        "request": {"nanos": "450000", "per": 1},
        "input_token": {"nanos": "1750000", "per": 1000},
    }


@pytest.mark.parametrize("name", ["e5-small", "intfloat/multilingual-e5-small"])
def test_a_model_shows_its_schema_and_state(platform: Platform, ada: Client, name: str) -> None:
    awake = ada.get(f"/v1/inference/models/{name}").json
    platform.awake = False
    platform.clock.advance(10)
    asleep = ada.get(f"/v1/inference/models/{name}").json

    assert awake["id"] == "e5-small"
    assert awake["input_schema"]["required"] == ["input"]
    assert (awake["state"], asleep["state"], asleep["wake_s"]) == ("awake", "asleep", 5)


def test_a_model_nobody_knows_is_not_found(ada: Client) -> None:
    answer = ada.get("/v1/inference/models/gpt-9")

    assert (answer.status, answer.json["code"]) == (404, "model_not_found")


def test_a_model_not_switched_on_says_so(ada: Client) -> None:
    shown = ada.get("/v1/inference/models/qwen2-5-7b").json
    answer = ada.submit("qwen2-5-7b", samples.PROMPT)

    assert (shown["state"], shown["wake_s"]) == ("not_served", None)
    assert (answer.status, answer.json["code"]) == (503, "model_not_served")


def chat(client: Client) -> events.Answer:
    body = {"model": "smollm2-135m", "messages": samples.PROMPT["messages"]}
    return client.send("POST", "/openai/v1/chat/completions", body=body)


def test_a_door_that_answers_at_once_refuses_for_a_sleeper_and_wakes_it(
    slow: Platform, ada: Client
) -> None:
    refused = [chat(ada) for _ in range(3)]
    woken = [one.job for one in slow.endpoints.invocations]
    slow.clock.advance(61)
    chat(ada)

    assert {answer.status for answer in refused} == {503}
    assert refused[0].json["error"]["code"] == "model_waking"
    assert refused[0].headers["retry-after"] == str(SLOW_S)
    assert len(woken) == 1
    assert woken[0].startswith("wake_")
    assert len(slow.endpoints.invocations) == 2
    assert slow.failures == []
    assert slow.results == []
    assert ada.spent_nanos == 0


@pytest.mark.parametrize("model", ["style-lite", "whisper-tiny-en", "joe-piper"])
def test_every_model_can_be_woken(slow: Platform, ada: Client, model: str) -> None:
    doors = {
        "joe-piper": ("/audio/speech", {"body": {"model": model, "input": "Hi.", "voice": "joe"}}),
        "whisper-tiny-en": ("/audio/transcriptions", form({"model": model}, samples.sound())),
        "style-lite": (
            "/images/edits",
            form({"model": model, "prompt": "sand"}, samples.picture(64, 64), "image"),
        ),
    }
    path, parts = doors[model]

    refused = ada.send("POST", f"/openai/v1{path}", **parts)

    assert (refused.status, refused.json["error"]["code"]) == (503, "model_waking")
    assert [one.job[:5] for one in slow.endpoints.invocations] == ["wake_"]


def test_who_could_not_have_a_job_wakes_nobody(slow: Platform, ada: Client) -> None:
    poor = slow.customer(100)
    broken = {"model": "smollm2-135m", "messages": samples.PROMPT["messages"], "temperature": 9}

    refused = [chat(poor), ada.send("POST", "/openai/v1/chat/completions", body=broken)]

    assert [answer.status for answer in refused] == [402, 400]
    assert slow.endpoints.invocations == []


def test_a_job_may_be_submitted_while_the_model_sleeps(slow: Platform, ada: Client) -> None:
    job = ada.submit("smollm2-135m", samples.PROMPT)
    slow.clock.advance(2)

    assert job.status == 202
    assert ada.job(job.json["id"])["status"] == "succeeded"


def test_an_endpoint_that_does_not_exist_fails_the_job_uncharged(
    platform: Platform, ada: Client
) -> None:
    platform.endpoints.missing = True

    answer = ada.submit("smollm2-135m", samples.PROMPT)

    assert answer.json["error"]["code"] == "endpoint_unavailable"
    assert ada.spent_nanos == 0


def test_every_model_behind_a_waiting_door_can_be_woken_by_its_own_example() -> None:
    for card in known_cards():
        if card.task in ("chat", "embedding"):
            example = card.input_schema["examples"][0]
            validate(card, example)
            prepare: Callable[..., object] = TASKS[card.task].prepare
            assert prepare(card, example, "")


def test_a_model_shows_how_warm_it_is_and_who_waits(platform: Platform, ada: Client) -> None:
    path = "/v1/inference/models/smollm2-135m"
    platform.model = always(Work(after_s=10**6))

    idle = ada.get(path).json
    for _ in range(6):
        ada.submit("smollm2-135m", samples.PROMPT)
    busy = ada.get(path).json
    validate(get_card("smollm2-135m"), idle["examples"][0])

    assert idle["queue"] == {"slots": 4, "in_flight": 0, "waiting": 0}
    assert busy["queue"] == {"slots": 4, "in_flight": 4, "waiting": 2}
    assert idle["rates"] == {"key_per_minute": 60, "account_per_minute": 120}
    assert (idle["expected_wait_s"], busy["expected_wait_s"]) == (0, None)
