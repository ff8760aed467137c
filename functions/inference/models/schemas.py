"""Models as the API shows them: the card, and how it stands at this stage."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from functions.inference.flow.forecast import of_next
from functions.inference.flow.outlook import UNKNOWN
from functions.inference.flow.store import find_flow
from functions.inference.models import service
from functions.inference.settings import served_models
from sluice.catalog import Card
from sluice.limits import limits_of
from sluice.principal import Principal


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


class Queue(BaseModel):
    """The caller's own jobs at the model: `slots` may be there at a time, the rest waits."""

    slots: int
    in_flight: int
    waiting: int


class Rates(BaseModel):
    """Requests a minute that the caller's tier allows."""

    key_per_minute: int
    account_per_minute: int


class ModelBody(ModelSummary):
    """`state` says whether the next call waits for a wake-up of about `wake_s` seconds. What a job
    sent now may expect is an estimate, as if you were alone at the model: it gets `queue_position`
    in your queue there (null when a slot is free), the model begins with it after
    `expected_wait_s`, and it ends after `eta_s`. A typical request takes `typical_s`, as measured.
    What nobody knows is null."""

    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    moderation: Mapping[str, str]
    state: Literal["awake", "asleep", "not_served"]
    wake_s: int | None
    typical_s: int | None
    examples: list[Mapping[str, Any]] = Field(description="Inputs that fit the schema.")
    queue: Queue
    rates: Rates
    queue_position: int | None
    expected_wait_s: int | None
    eta_s: int | None


class ModelList(BaseModel):
    data: list[ModelSummary]


def summarize(card: Card) -> ModelSummary:
    return ModelSummary(**_facts(card))


def show(card: Card, caller: Principal) -> ModelBody:
    served = served_models().get(card.id)
    limits = limits_of(caller.tier)
    flow = find_flow(caller.account, card.id)
    outlook = of_next(served, flow, limits.in_flight) if served else UNKNOWN
    base = card.limits["rate_per_minute"]
    return ModelBody(
        **_facts(card),
        input_schema=card.input_schema,
        output_schema=card.raw["output"],
        moderation=card.raw["moderation"],
        state=service.state(card),
        wake_s=served.wake_s if served else None,
        typical_s=served.typical_s if served else None,
        examples=card.input_schema.get("examples", []),
        queue=Queue(slots=limits.in_flight, in_flight=len(flow.slots), waiting=flow.waiting),
        rates=Rates(
            key_per_minute=base * limits.key_rate, account_per_minute=base * limits.account_rate
        ),
        queue_position=outlook.queue_position,
        expected_wait_s=outlook.begins_s,
        eta_s=outlook.eta_s,
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
