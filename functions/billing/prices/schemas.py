"""Prices as the API shows them."""

from fractions import Fraction

from pydantic import BaseModel, Field

from sluice import money
from sluice.catalog import Card

MILLION = 1_000_000


class Rate(BaseModel):
    """`nanos` nanodollars (1e-9 USD) for `per` units, exactly; `usd_per_million` says the same
    for people, cut to whole nanodollars."""

    unit: str = Field(examples=["output_token"])
    nanos: str
    per: int
    usd_per_million: str


class ModelPrices(BaseModel):
    """A model's price version. What has no price here cannot be called."""

    model: str
    title: str
    task: str
    version: int
    rates: list[Rate]


class PriceBook(BaseModel):
    data: list[ModelPrices]


def show_rate(unit: str, rate: Fraction) -> Rate:
    return Rate(
        unit=unit,
        nanos=str(rate.numerator),
        per=rate.denominator,
        usd_per_million=money.usd(int(rate * MILLION)),
    )


def show(card: Card) -> ModelPrices:
    return ModelPrices(
        model=card.id,
        title=card.title,
        task=card.task,
        version=card.prices.version,
        rates=[show_rate(unit, rate) for unit, rate in sorted(card.prices.rates.items())],
    )
