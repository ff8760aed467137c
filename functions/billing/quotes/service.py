"""What a request would cost at most: the same count and the same price that a hold uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from sluice.catalog import Card, get_card
from sluice.schema import validate, with_defaults
from sluice.units import REQUEST, Media, worst_case_units


@dataclass(frozen=True, slots=True)
class Part:
    """One unit's share of a quote."""

    unit: str
    count: int
    rate: Fraction
    nanos: int


@dataclass(frozen=True, slots=True)
class Quote:
    """`nanos` would be held; what is charged is at most that. The parts add up to it."""

    card: Card
    nanos: int
    parts: tuple[Part, ...]


def quote_input(model: str, input_: Mapping[str, Any], media: Media) -> Quote:
    """The quote of an input as POST /v1/inference/jobs takes it. `media` measures the files in
    it. Raises ModelNotFound, InvalidInput."""
    card = get_card(model)
    validate(card, input_)
    return _quote(card, worst_case_units(card, with_defaults(card, input_), media))


def quote_units(model: str, units: Mapping[str, int]) -> Quote:
    """The quote of so many units, of one request unless they say otherwise. Raises ModelNotFound;
    InvalidInput for a unit without a price."""
    return _quote(get_card(model), {**REQUEST, **units})


def _quote(card: Card, units: Mapping[str, int]) -> Quote:
    nanos = card.prices.worst_case_nanos(units)
    parts, before = [], Fraction(0)
    for unit, count in units.items():
        rate = card.prices.rates[unit]
        after = before + rate * count
        parts.append(Part(unit, count, rate, ceil(after) - ceil(before)))
        before = after
    return Quote(card, nanos, tuple(parts))
