"""completion: the container speaks OpenAI's older completions, one prompt and one text."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from functions.inference.tasks import outputs, texts, tokens
from functions.inference.tasks.task import MalformedOutput, Prepared, Produced
from sluice.catalog import Card
from sluice.schema import with_defaults
from sluice.units import worst_case_units


def prepare(card: Card, given: Mapping[str, Any], account: str) -> Prepared:
    body = with_defaults(card, given)
    texts.check_size(card, [body["prompt"]])
    return Prepared(
        payload=json.dumps({"model": card.id} | body).encode(),
        units=worst_case_units(card, body),
    )


def within(card: Card, given: Mapping[str, Any], nanos: int) -> Mapping[str, Any] | None:
    return tokens.clamped(card, given, nanos)


def to_screen(payload: bytes) -> Sequence[str | bytes]:
    return [json.loads(payload)["prompt"]]


def interpret(card: Card, output: bytes, facts: Mapping[str, int]) -> Produced:
    answer = outputs.read(card, output)
    try:
        choices = [
            {name: choice[name] for name in ("index", "text", "finish_reason")}
            for choice in answer["choices"]
        ]
    except (KeyError, TypeError) as error:
        raise MalformedOutput(card.id) from error
    usage = tokens.counted(card, answer)
    result = outputs.conforming(card, {"choices": choices, "usage": usage})
    return Produced(
        usage=tokens.charged(usage),
        result=result,
        text="\n".join(choice["text"] for choice in choices),
    )
