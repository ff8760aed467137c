"""Containers' answers, read strictly: what does not fit the card's own output schema is no answer,
and nothing is charged for it."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from functions.inference.tasks.task import MalformedOutput
from sluice import json_text
from sluice.catalog import Card, get_card
from sluice.prices import MAX_UNITS


def read(card: Card, output: bytes) -> Any:
    try:
        return json_text.parse(output)
    except json_text.NotJson as error:
        raise MalformedOutput(card.id) from error


def conforming(card: Card, result: Mapping[str, Any]) -> Mapping[str, Any]:
    """The result, if it is what the card promises."""
    if not _validator(card.id).is_valid(result):
        raise MalformedOutput(card.id)
    return result


def count(card: Card, value: Any) -> int:
    """A number of units that can be charged."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_UNITS:
        raise MalformedOutput(card.id)
    return value


@cache
def _validator(model: str) -> Draft202012Validator:
    return Draft202012Validator(dict(get_card(model).raw["output"]))
