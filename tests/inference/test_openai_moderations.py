"""Moderations in OpenAI's shape, by the detectors that screen jobs."""

from typing import Any

import openai
import pytest
from openai.types import ModerationCreateResponse

from tests.inference import samples
from tests.inference.openai_client import openai_of
from tests.inference.platform import Client, Platform
from tests.seam import Fault
from tests.simulation.detectors import FORBIDDEN

URL = f"data:image/png;base64,{samples.base64_of(samples.picture())}"
BAD_URL = f"data:image/png;base64,{samples.base64_of(samples.picture(shows=FORBIDDEN))}"


def test_each_text_has_a_verdict_in_thirteen_categories(platform: Platform, ada: Client) -> None:
    client, door = openai_of(ada)

    answer = client.moderations.create(input=["hello", FORBIDDEN], model="omni-moderation-latest")

    ModerationCreateResponse.model_validate_json(door.response.content, strict=True)
    good, bad = answer.results
    assert (good.flagged, bad.flagged) == (False, True)
    assert bad.categories.violence
    assert bad.category_scores.violence > 0.9
    assert not bad.categories.hate
    assert len(door.response.json()["results"][0]["categories"]) == 13
    assert ada.spent_nanos == 0
    assert not [item for item in platform.stage.scan("jobs") if item["sk"] == "JOB"]


def test_what_nobody_looks_for_has_a_score_of_no_input(ada: Client) -> None:
    client, _ = openai_of(ada)

    (result,) = client.moderations.create(input="hello").results

    assert result.category_applied_input_types.violence == ["text"]
    assert result.category_applied_input_types.self_harm_intent == []
    assert result.category_applied_input_types.violence_graphic == []


def test_objects_have_one_verdict_together(ada: Client) -> None:
    client, _ = openai_of(ada)
    text: Any = {"type": "text", "text": "hello"}
    picture: Any = {"type": "image_url", "image_url": {"url": URL}}
    bad: Any = {"type": "image_url", "image_url": {"url": BAD_URL}}

    (good,) = client.moderations.create(input=[text, picture]).results
    (worse,) = client.moderations.create(input=[text, bad]).results

    assert not good.flagged
    assert worse.categories.violence
    assert good.category_applied_input_types.sexual == ["image", "text"]


@pytest.mark.parametrize(
    "given",
    [
        [],
        5,
        [1, 2],
        [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}],
        [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}],
        [{"type": "image_url", "image_url": {"url": "data:image/png;base64,???"}}],
        [{"type": "video_url"}],
        ["x"] * 33,
        ["x", {"type": "text", "text": "y"}],
        [{"type": "image_url", "image_url": {"url": URL}}] * 5,
    ],
)
def test_what_cannot_be_screened_is_refused(platform: Platform, ada: Client, given: Any) -> None:
    answer = ada.send("POST", "/openai/v1/moderations", body={"input": given})

    assert answer.status == 400, answer.content
    assert platform.detectors.allowed_texts == []


def test_a_long_text_is_a_413(ada: Client) -> None:
    assert ada.send("POST", "/openai/v1/moderations", body={"input": "x" * 12_001}).status == 413


def test_it_is_free_within_a_bound(platform: Platform, ada: Client, mallory: Client) -> None:
    client, _ = openai_of(ada)
    other, _ = openai_of(mallory)

    for _ in range(10):
        client.moderations.create(input="x" * 12_000)
    with pytest.raises(openai.RateLimitError) as refusal:
        client.moderations.create(input="x")
    others = other.moderations.create(input="x")
    platform.clock.advance(60)
    later = client.moderations.create(input="x")

    assert 0 < int(refusal.value.response.headers["retry-after"]) <= 60
    assert refusal.value.code == "rate_limit_exceeded"
    assert others.results
    assert later.results


def test_a_day_is_bounded_too(platform: Platform, ada: Client) -> None:
    client, _ = openai_of(ada)
    for _ in range(83):
        client.moderations.create(input="x" * 12_000)
        platform.clock.advance(30)

    with pytest.raises(openai.RateLimitError) as refusal:
        client.moderations.create(input="x" * 12_000)

    assert int(refusal.value.response.headers["retry-after"]) > 3_600


def test_screening_that_is_down_is_no_verdict(platform: Platform, ada: Client) -> None:
    platform.fault = lambda call: Fault.SERVER_ERROR if "bedrock" in call.service else None

    answer = ada.send("POST", "/openai/v1/moderations", body={"input": "hello"})

    assert (answer.status, answer.json["error"]["code"]) == (503, "screening_unavailable")


def test_a_stranger_has_nothing_screened(platform: Platform) -> None:
    answer = platform.send("POST", "/openai/v1/moderations", body={"input": "hello"})

    assert (answer.status, answer.json["error"]["code"]) == (401, "invalid_api_key")
    assert platform.detectors.allowed_texts == []
