"""Models as OpenAI's clients list them, with what the model is and costs beside it."""

from collections.abc import Mapping
from math import ceil
from typing import Literal, Self

from pydantic import BaseModel, Field

from functions.inference.models.schemas import UnitPrice
from sluice.catalog import Card

TOKENS = 1_000_000
NANOS_PER_TEN_THOUSANDTH = 100_000


class OpenAIModel(BaseModel):
    """OpenAI's model object and more: `prices` are nanodollars by unit, and where it generates
    text, what catalogues of such models read."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "sluice"
    title: str
    description: str
    task: str
    prices: Mapping[str, UnitPrice]
    context_size: int | None = Field(default=None, description="Tokens.")
    max_output_tokens: int | None = None
    input_token_price_per_m: int | None = Field(
        default=None, description="1/10000 USD for a million tokens, rounded up."
    )
    output_token_price_per_m: int | None = Field(
        default=None, description="1/10000 USD for a million tokens, rounded up."
    )

    @classmethod
    def of(cls, card: Card) -> Self:
        return cls(
            id=card.id,
            title=card.title,
            description=card.description,
            task=card.task,
            prices=UnitPrice.of_card(card),
            context_size=card.limits.get("context_tokens"),
            max_output_tokens=card.limits.get("max_output_tokens"),
            input_token_price_per_m=_per_million(card, "input_token"),
            output_token_price_per_m=_per_million(card, "output_token"),
        )


class OpenAIModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[OpenAIModel]


def _per_million(card: Card, unit: str) -> int | None:
    rate = card.prices.rates.get(unit)
    return None if rate is None else ceil(rate * TOKENS / NANOS_PER_TEN_THOUSANDTH)
