"""Models as the API shows them: the card, and how it stands at this stage."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from functions.inference.models import service
from functions.inference.settings import served_models
from sluice.catalog import Card


class UnitPrice(BaseModel):
    """`nanos` nanodollars (1e-9 USD) per `per` units."""

    nanos: str
    per: int

    @classmethod
    def of_card(cls, card: Card) -> Mapping[str, Self]:
        units: Mapping[str, Any] = card.raw["prices"]["units"]
        return {
            unit: cls(nanos=str(rate["nanos"]), per=rate["per"]) for unit, rate in units.items()
        }


class ModelSummary(BaseModel):
    object: Literal["model"] = "model"
    id: str
    task: str
    title: str
    description: str
    licence: Mapping[str, str]
    prices: Mapping[str, UnitPrice]
    price_version: int
    limits: Mapping[str, int]
    served: bool = Field(description="Whether this stage has an endpoint for it.")


class ModelBody(ModelSummary):
    """`state` says whether the next call waits for a wake-up of about `wake_s` seconds."""

    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    moderation: Mapping[str, str]
    state: Literal["awake", "asleep", "not_served"]
    wake_s: int | None


class ModelList(BaseModel):
    data: list[ModelSummary]


def summarize(card: Card) -> ModelSummary:
    return ModelSummary(**_facts(card))


def show(card: Card) -> ModelBody:
    served = served_models().get(card.id)
    return ModelBody(
        **_facts(card),
        input_schema=card.input_schema,
        output_schema=card.raw["output"],
        moderation=card.raw["moderation"],
        state=service.state(card),
        wake_s=served.wake_s if served else None,
    )


def _facts(card: Card) -> dict[str, Any]:
    return {
        "id": card.id,
        "task": card.task,
        "title": card.title,
        "description": card.description,
        "licence": card.raw["licence"],
        "prices": UnitPrice.of_card(card),
        "price_version": card.prices.version,
        "limits": card.limits,
        "served": service.is_served(card),
    }
