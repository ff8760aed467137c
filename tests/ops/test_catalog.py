"""Model cards: what is refused before it can be sold, and what the catalogue keeps."""

import copy
import json
from typing import Any

import jsonschema_rs
import pytest
from pydantic import ValidationError

from ops import catalog
from ops.cards import Card
from ops.paths import MODELS

type Raw = dict[str, Any]


@pytest.fixture
def card() -> Raw:
    return copy.deepcopy(catalog.read_card(MODELS / "smollm2-135m" / "card.yaml"))


HERE = {
    *("chat", "embedding", "upscale", "speech-to-text", "text-to-speech"),
    *("text-to-image", "image-to-image", "inpainting"),
}
IN_THE_CLOUD_ALONE = {"completion", "rerank", "remove-background"}


def test_eight_tasks_are_served_here_and_all_of_them_in_the_cloud() -> None:
    models = json.loads(catalog.compile_cards())["models"]

    served = {
        where: {m["task"] for m in models if where in m["serving"]} for where in ("local", "cloud")
    }

    assert served["local"] == HERE
    assert served["cloud"] == HERE | IN_THE_CLOUD_ALONE


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("sketch", "sdxl"),
        ("sketch-img2img", "sdxl-img2img"),
        ("sketch-inpaint", "sdxl-inpaint"),
    ],
)
def test_a_client_moves_to_the_cloud_by_another_models_name(here: str, there: str) -> None:
    ours, theirs = (
        catalog.read_card(MODELS / model / "card.yaml")["input"] for model in (here, there)
    )
    validator = jsonschema_rs.validator_for(theirs)

    assert ours["required"] == theirs["required"]
    assert set(ours["properties"]) - set(theirs["properties"]) == {"retrieval"}
    for example in ours["examples"]:
        validator.validate(example | _extremes(ours) | {"prompt": "a red apple"})


def _extremes(schema: Raw) -> Raw:
    """The most that a request may ask of each of its numbers."""
    bounded = {name: field for name, field in schema["properties"].items() if "maximum" in field}
    sizes = {
        name: field["enum"][-1] for name, field in schema["properties"].items() if "enum" in field
    }
    return sizes | {name: field["maximum"] for name, field in bounded.items()}


def test_every_request_pays_for_its_screening(card: Raw) -> None:
    card["prices"]["units"]["request"] = {"nanos": 799_999, "per": 1}

    with pytest.raises(ValidationError, match="screened for 800000 nanos and pays less"):
        Card.model_validate(card)


def test_every_picture_of_several_pays_for_its_screening() -> None:
    card = copy.deepcopy(catalog.read_card(MODELS / "sdxl" / "card.yaml"))
    card["prices"]["units"]["output_image"] = {"nanos": 999_999, "per": 1}

    with pytest.raises(ValidationError, match="a picture is screened"):
        Card.model_validate(card)


def test_a_task_that_nobody_knows_is_refused(card: Raw) -> None:
    card["task"] = "telepathy"

    with pytest.raises(ValidationError, match="nobody knows the task"):
        Card.model_validate(card)


def test_a_unit_that_the_task_consumes_needs_a_price(card: Raw) -> None:
    del card["prices"]["units"]["output_token"]

    with pytest.raises(ValidationError, match="priced by"):
        Card.model_validate(card)


@pytest.mark.parametrize(
    ("model", "limit"),
    [
        ("smollm2-135m", "rate_per_minute"),
        ("smollm2-135m", "max_output_tokens"),
        ("sketch-inpaint", "max_input_bytes"),
        ("span-x4", "scale"),
        ("whisper-tiny-en", "max_audio_ms"),
    ],
)
def test_what_a_service_bounds_a_request_by_is_on_the_card(model: str, limit: str) -> None:
    card = copy.deepcopy(catalog.read_card(MODELS / model / "card.yaml"))
    del card["limits"][limit]

    with pytest.raises(ValidationError, match=f"limits say {limit}"):
        Card.model_validate(card)


@pytest.mark.parametrize("rate", [{"nanos": 0, "per": 1}, {"nanos": 1.5, "per": 1}, {"nanos": 1}])
def test_a_price_is_whole_nanodollars_above_zero(card: Raw, rate: Raw) -> None:
    card["prices"]["units"]["output_token"] = rate

    with pytest.raises(ValidationError, match="output_token"):
        Card.model_validate(card)


def test_an_input_that_takes_unknown_properties_anywhere_is_refused(card: Raw) -> None:
    message = card["input"]["properties"]["messages"]["items"]
    del message["additionalProperties"]

    with pytest.raises(ValidationError, match=r"input\.properties\.messages\.items"):
        Card.model_validate(card)


def test_an_example_that_its_own_schema_refuses_is_refused(card: Raw) -> None:
    card["input"]["examples"] = [{"messages": []}]

    with pytest.raises(ValidationError):
        Card.model_validate(card)


def test_a_model_that_nothing_serves_is_refused(card: Raw) -> None:
    card["serving"] = {}

    with pytest.raises(ValidationError, match="nothing serves"):
        Card.model_validate(card)


def test_a_field_that_no_card_has_is_refused(card: Raw) -> None:
    card["colour"] = "green"

    with pytest.raises(ValidationError, match="colour"):
        Card.model_validate(card)


def test_two_models_may_not_share_a_name(tmp_path: Any) -> None:
    for model, alias in (("smollm2-135m", "e5-small"), ("e5-small", "other")):
        text = (MODELS / model / "card.yaml").read_text(encoding="utf-8")
        lines = [
            f"aliases: [{alias}]" if line.startswith("aliases:") else line
            for line in text.splitlines()
        ]
        (tmp_path / model).mkdir()
        (tmp_path / model / "card.yaml").write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(catalog.CardError, match="more than one model is called e5-small"):
        catalog.compile_cards(tmp_path)


def test_every_locked_image_serves_a_card_and_names_no_host() -> None:
    lock = json.loads(catalog.IMAGES.read_text(encoding="utf-8"))
    models = json.loads(catalog.compile_cards())["models"]

    used = {m["serving"]["cloud"]["image"] for m in models if "cloud" in m["serving"]}

    assert set(lock["images"]) == used
    for image in lock["images"].values():
        assert "/" not in image["repository"]
        assert image["digest"] or image["digest_missing_because"]
        assert {"us-east-1", "eu-west-1"} <= image["accounts"].keys()
