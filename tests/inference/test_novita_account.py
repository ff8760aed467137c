"""Novita's routes beside tasks: models, credit, limits."""

import json

import pytest

from tests.inference import samples, wire
from tests.inference.gallery import endpoints, refusal
from tests.inference.platform import Client, Platform
from tests.seeds import give_grant, give_key
from tests.stage import Stage

HUB = [
    *("sdxl", "sdxl-img2img", "sdxl-inpaint"),
    *("sketch", "sketch-img2img", "sketch-inpaint", "span-x4", "style-lite"),
]


@pytest.fixture(autouse=True)
def gallery(aws: Stage, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    served = json.loads(endpoints(aws))
    del served["sdxl"]
    monkeypatch.setenv("ENDPOINTS", json.dumps(served))


def payer(client: Client) -> str:
    """A key of the same account that may see its credit."""
    scopes = frozenset({"inference", "billing:read"})
    return give_key(client.platform.stage, client.who.account, scopes=scopes)


def models(client: Client, *query: tuple[str, str]) -> list[str]:
    answer = client.get("/v3/model", query=dict(query))
    assert answer.status == 200, answer.content
    return [model["sd_name"] for model in answer.json["models"]]


def test_models_of_pictures_are_listed_with_stable_numbers(ada: Client) -> None:
    listed = ada.get("/v3/model").json

    numbers = {model["sd_name"]: model["id"] for model in listed["models"]}
    assert list(numbers) == HUB
    assert len(set(numbers.values())) == len(HUB)
    assert numbers["sdxl"] == 1_916_641_982
    assert listed["pagination"] == {"next_cursor": ""}


def test_a_model_is_told_as_parsers_read_it(ada: Client) -> None:
    by_name = {model["sd_name"]: model for model in ada.get("/v3/model").json["models"]}

    sdxl, span = by_name["sdxl"], by_name["span-x4"]
    assert (sdxl["status"], span["status"]) == (0, 1)
    assert sdxl["type"] == {"name": "checkpoint", "display_name": "Checkpoint"}
    assert span["type"]["name"] == "upscaler"
    assert sdxl["is_sdxl"] is True
    assert sdxl["base_model"] == "stabilityai/stable-diffusion-xl-base-1.0"
    assert by_name["sdxl-inpaint"]["base_model_type"] == "Inpainting"
    assert all(isinstance(model["id"], int) for model in by_name.values())


def test_filters_are_understood_as_each_client_writes_them(ada: Client) -> None:
    standard = [name for name in HUB if name != "span-x4" and "inpaint" not in name]

    assert models(ada, *wire.PYTHON_QUERY) == standard
    assert models(ada, *wire.PYTHON_ALL_MODELS) == HUB
    others = [name for name in HUB if "sdxl" not in name and name != "span-x4"]
    assert models(ada, *wire.JS_QUERY) == others


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("filter.types", "upscaler", ["span-x4"]),
        ("filter.types", "lora", []),
        ("filter.visibility", "private", []),
        ("filter.source", "civitai", []),
        ("filter.is_inpainting", "true", ["sdxl-inpaint", "sketch-inpaint"]),
        ("filter.is_sdxl", "True", ["sdxl", "sdxl-img2img", "sdxl-inpaint"]),
        ("filter.query", "STYLE", ["style-lite"]),
        ("filter[query]", "clearreality", ["span-x4"]),
        ("filter.query", "", HUB),
        ("unrelated", "x", HUB),
    ],
)
def test_each_filter_finds_what_it_says(
    ada: Client, name: str, value: str, found: list[str]
) -> None:
    assert models(ada, (name, value)) == found


def test_pages_follow_one_another_even_with_a_prefix_twice(ada: Client) -> None:
    first = ada.get("/v3/model", query={"pagination.limit": "2"}).json
    cursor = first["pagination"]["next_cursor"]
    second = models(ada, ("pagination.limit", "2"), ("pagination.cursor", f"c_{cursor}"))
    last = models(ada, ("pagination[limit]", "4"), ("pagination[cursor]", "c_4"))

    assert cursor == "c_2"
    assert [model["sd_name"] for model in first["models"]] + second + last == HUB


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pagination.limit", "0"),
        ("pagination.limit", "101"),
        ("pagination.limit", "many"),
        ("pagination.cursor", "c_WzgwNDY2NiwiNTUxOTkiXQ=="),
        ("filter.is_sdxl", "perhaps"),
        ("filter.colour", "red"),
        ("filter.query", "x" * 129),
    ],
)
def test_a_query_that_means_nothing_is_refused_by_name(ada: Client, name: str, value: str) -> None:
    answer = ada.get("/v3/model", query={name: value})

    assert refusal(answer) == (400, "INVALID_REQUEST_BODY")
    assert answer.json["metadata"]["field"] == name


def test_credit_is_whole_ten_thousandths_of_a_dollar_rounded_down(platform: Platform) -> None:
    owner = platform.customer(1_234_599_999)
    key = payer(owner)

    user = platform.send("GET", "/v3/user", bearer=key)
    detail = platform.send("GET", "/openapi/v1/billing/balance/detail", bearer=key)

    assert user.json == {
        "credit_balance": 12_345,
        "free_trial": {},
        "allow_features": [],
    }
    assert detail.json == {
        "availableBalance": "12345",
        "cashBalance": "12345",
        "creditLimit": "0",
        "pendingCharges": "0",
        "outstandingInvoices": "0",
    }


def test_a_key_that_may_not_see_credit_is_told_so(ada: Client) -> None:
    assert refusal(ada.get("/v3/user")) == (403, "API_NOT_ALLOWED")


def test_granted_credit_counts_as_available_but_not_as_cash(platform: Platform) -> None:
    owner = platform.customer(200_000)
    give_grant(platform.stage, owner.who.account, 5_000_000)

    path = "/openapi/v1/billing/balance/detail"
    detail = platform.send("GET", path, bearer=payer(owner)).json

    assert (detail["availableBalance"], detail["cashBalance"]) == ("52", "2")


def test_what_is_held_is_pending_rounded_up(platform: Platform, ada: Client) -> None:
    ada.submit("span-x4", {"image": samples.base64_of(samples.picture())})

    path = "/openapi/v1/billing/balance/detail"
    detail = platform.send("GET", path, bearer=payer(ada)).json

    held = ada.money["held"]
    assert held > 0
    assert int(detail["pendingCharges"]) == -(-held // 100_000)
    assert int(detail["availableBalance"]) == ada.money["available"] // 100_000


def test_limits_are_listed_for_what_is_served(ada: Client) -> None:
    listed = ada.get("/openapi/v1/user/quota/list").json

    assert listed["total"] == len(listed["data"]) == 5
    quota = {entry["quotaObject"]: entry for entry in listed["data"]}["style-lite"]
    assert (quota["modal"], quota["quotaType"], quota["currentQuota"]) == ("image", "IPM", 30)
