"""What the tasks that generate text have in common: their bound, and how they count."""

from collections.abc import Mapping
from typing import Any

from functions.inference.tasks import outputs
from functions.inference.tasks.task import MalformedOutput
from sluice.catalog import Card
from sluice.units import worst_case_units


def clamped(card: Card, given: Mapping[str, Any], nanos: int) -> Mapping[str, Any] | None:
    """The input with an omitted `max_tokens` lowered to what `nanos` can pay."""
    rate = card.prices.rates["output_token"]
    if "max_tokens" in given or rate == 0:
        return None
    units = worst_case_units(card, dict(given) | {"max_tokens": 0})
    left = nanos - card.prices.worst_case_nanos(units)
    affordable = int(left / rate)
    return dict(given) | {"max_tokens": affordable} if affordable > 0 else None


def counted(card: Card, answer: Mapping[str, Any]) -> dict[str, int]:
    """OpenAI's `usage` of a container's answer. Raises MalformedOutput."""
    try:
        prompt = outputs.count(card, answer["usage"]["prompt_tokens"])
        completion = outputs.count(card, answer["usage"]["completion_tokens"])
    except (KeyError, TypeError) as error:
        raise MalformedOutput(card.id) from error
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def charged(usage: Mapping[str, int]) -> dict[str, int]:
    return {"input_token": usage["prompt_tokens"], "output_token": usage["completion_tokens"]}
