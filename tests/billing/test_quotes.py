"""POST /v1/billing/quotes"""

from typing import Any

import pytest

from functions.billing.api import handler
from sluice.catalog import get_card
from sluice.schema import with_defaults
from sluice.units import worst_case_units
from tests.events import Answer, call
from tests.seeds import give_key
from tests.stage import Stage

PATH = "/v1/billing/quotes"
CHAT = {"messages": [{"role": "user", "content": "Say hello."}]}


def ask(stage: Stage, body: dict[str, Any]) -> Answer:
    key = give_key(stage, "acc_1", scopes=frozenset({"billing:read"}))
    return call(handler, "POST", PATH, body=body, bearer=key)


def test_nobody_gets_a_quote_without_a_credential(aws: Stage) -> None:
    assert call(handler, "POST", PATH, body={"model": "smollm2-135m", "input": CHAT}).status == 401


def test_who_may_only_run_models_sees_what_a_run_costs(aws: Stage) -> None:
    key = give_key(aws, "acc_1", scopes=frozenset({"inference"}))
    body = {"model": "smollm2-135m", "input": CHAT}

    assert call(handler, "POST", PATH, body=body, bearer=key).status == 200


def test_a_quote_is_what_a_job_would_hold(aws: Stage) -> None:
    card = get_card("smollm2-135m")
    held = card.prices.worst_case_nanos(worst_case_units(card, with_defaults(card, CHAT)))

    quote = ask(aws, {"model": "smollm2-135m", "input": CHAT}).json

    assert quote["amount"]["nanos"] == str(held)
    assert quote["price_version"] == 1
    assert {part["rate"]["unit"]: part["count"] for part in quote["parts"]} == {
        "request": "1",
        "input_token": str(64 + 16 + 10),
        "output_token": "256",
    }


def test_the_parts_add_up_to_the_amount(aws: Stage) -> None:
    units = {"input_token": 7, "output_token": 3}

    quote = ask(aws, {"model": "qwen2-5-7b", "units": units}).json

    assert sum(int(part["amount"]["nanos"]) for part in quote["parts"]) == int(
        quote["amount"]["nanos"]
    )


def test_a_picture_is_quoted_by_its_size(aws: Stage) -> None:
    body = {
        "model": "span-x4",
        "input": {"image": "upload:abc"},
        "picture": {"width": 100, "height": 50},
    }

    quote = ask(aws, body).json

    assert [part["count"] for part in quote["parts"]] == ["1", str(100 * 50 * 16)]
    assert quote["amount"] == {"usd": "0.00245", "nanos": "2450000"}


def test_a_sound_is_quoted_by_its_duration(aws: Stage) -> None:
    body = {
        "model": "whisper-tiny-en",
        "input": {"audio": "upload:abc"},
        "audio": {"duration_ms": 90_000},
    }

    quote = ask(aws, body).json

    assert quote["amount"]["nanos"] == str(450_000 + 90_000 * 20)


def test_units_are_those_of_one_request(aws: Stage) -> None:
    one = ask(aws, {"model": "e5-small", "units": {"input_token": 2}}).json
    many = ask(aws, {"model": "e5-small", "units": {"input_token": 2, "request": 3}}).json

    assert one["amount"]["nanos"] == str(450_000 + 2 * 1_750)
    assert many["amount"]["nanos"] == str(3 * 450_000 + 2 * 1_750)


def test_an_alias_is_quoted_as_its_model(aws: Stage) -> None:
    body = {"model": "HuggingFaceTB/SmolLM2-135M-Instruct", "units": {"input_token": 1}}

    assert ask(aws, body).json["model"] == "smollm2-135m"


BAD: dict[str, tuple[dict[str, Any], int, str]] = {
    "an unknown model": ({"model": "gpt", "units": {"input_token": 1}}, 404, "model_not_found"),
    "an unpriced unit": (
        {"model": "smollm2-135m", "units": {"output_pixel": 1}},
        422,
        "unpriced_unit",
    ),
    "a negative count": (
        {"model": "smollm2-135m", "units": {"input_token": -1}},
        422,
        "invalid_input",
    ),
    "an absurd count": (
        {"model": "smollm2-135m", "units": {"input_token": 10**30}},
        422,
        "invalid_input",
    ),
    "a fraction": (
        {"model": "smollm2-135m", "units": {"input_token": 1.5}},
        422,
        "invalid_input",
    ),
    "an input against the schema": (
        {"model": "smollm2-135m", "input": {"messages": []}},
        422,
        "invalid_input",
    ),
    "neither input nor units": ({"model": "smollm2-135m"}, 422, "invalid_input"),
    "both": (
        {"model": "smollm2-135m", "input": CHAT, "units": {"input_token": 1}},
        422,
        "invalid_input",
    ),
    "a picture of unknown size": (
        {"model": "span-x4", "input": {"image": "upload:abc"}},
        422,
        "invalid_input",
    ),
    "a sound of unknown length": (
        {"model": "whisper-tiny-en", "input": {"audio": "upload:abc"}},
        422,
        "invalid_input",
    ),
    "a picture without pixels": (
        {
            "model": "span-x4",
            "input": {"image": "upload:abc"},
            "picture": {"width": 0, "height": 5},
        },
        422,
        "invalid_input",
    ),
    "a field nobody knows": (
        {"model": "smollm2-135m", "units": {"input_token": 1}, "discount": 100},
        422,
        "invalid_input",
    ),
}


@pytest.mark.parametrize(("body", "status", "code"), BAD.values(), ids=BAD)
def test_what_cannot_be_quoted_is_refused(
    aws: Stage, body: dict[str, Any], status: int, code: str
) -> None:
    answer = ask(aws, body)

    assert (answer.status, answer.json["code"]) == (status, code)


def test_a_quote_writes_nothing(aws: Stage) -> None:
    ask(aws, {"model": "smollm2-135m", "input": CHAT})

    assert aws.scan("ledger") == []
