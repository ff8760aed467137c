"""The models Sluice knows: their cards, compiled from `models/*/card.yaml`.

The card is the one source of a model's schema, prices and limits; validation, the API document
and the price book all read it here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from sluice.errors import ModelNotFound
from sluice.prices import Prices


@dataclass(frozen=True, slots=True)
class Card:
    """One model. `raw` is the card as written, for showing; the rest is what code decides by."""

    id: str
    task: str
    title: str
    description: str
    input_schema: Mapping[str, Any]
    prices: Prices
    limits: Mapping[str, int]
    screens_input: str
    screens_output: str
    raw: Mapping[str, Any]


@cache
def cards() -> Mapping[str, Card]:
    """All cards by id, and by the aliases that compatible clients use."""
    text = (resources.files("models") / "catalog.json").read_text(encoding="utf-8")
    known = {}
    for raw in json.loads(text)["models"]:
        card = _card(raw)
        for name in (card.id, *raw.get("aliases", ())):
            known[name] = card
    return known


def get_card(name: str) -> Card:
    """The card of a model's id or alias; raises ModelNotFound."""
    card = cards().get(name)
    if card is None:
        raise ModelNotFound(
            f"There is no model {name[:80]!r}; GET /v1/inference/models lists them."
        )
    return card


def _card(raw: Mapping[str, Any]) -> Card:
    return Card(
        id=raw["id"],
        task=raw["task"],
        title=raw["title"],
        description=raw["description"],
        input_schema=raw["input"],
        prices=Prices.of(raw["prices"]),
        limits=raw["limits"],
        screens_input=raw["moderation"]["input"],
        screens_output=raw["moderation"]["output"],
        raw=raw,
    )
