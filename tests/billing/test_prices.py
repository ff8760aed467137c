"""GET /v1/billing/prices"""

from functions.billing.api import handler
from sluice.catalog import cards
from tests.events import call
from tests.stage import Stage

PATH = "/v1/billing/prices"


def test_anybody_may_read_the_prices(aws: Stage) -> None:
    assert call(handler, "GET", PATH).status == 200


def test_every_model_is_priced_once_for_every_unit(aws: Stage) -> None:
    book = call(handler, "GET", PATH).json["data"]

    assert [entry["model"] for entry in book] == sorted({card.id for card in cards().values()})
    assert all(entry["rates"] for entry in book)


def test_a_rate_is_exact_and_readable(aws: Stage) -> None:
    book = {entry["model"]: entry for entry in call(handler, "GET", PATH).json["data"]}

    assert book["smollm2-135m"]["rates"] == [
        {"unit": "input_token", "nanos": "1750", "per": 1, "usd_per_million": "1.75"},
        {"unit": "output_token", "nanos": "1800", "per": 1, "usd_per_million": "1.8"},
        {"unit": "request", "nanos": "850000", "per": 1, "usd_per_million": "850"},
    ]
