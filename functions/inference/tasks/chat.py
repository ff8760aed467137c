"""chat: the container speaks OpenAI's chat completions."""

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
    texts.check_size(card, [message["content"] for message in body["messages"]])
    return Prepared(
        payload=json.dumps({"model": card.id} | body).encode(),
        units=worst_case_units(card, body),
    )


def within(card: Card, given: Mapping[str, Any], nanos: int) -> Mapping[str, Any] | None:
    return tokens.clamped(card, given, nanos)


def to_screen(payload: bytes) -> Sequence[str | bytes]:
    return ["\n".join(message["content"] for message in json.loads(payload)["messages"])]


def interpret(card: Card, output: bytes, facts: Mapping[str, int]) -> Produced:
    answer = outputs.read(card, output)
    try:
        choices = [_choice(choice) for choice in answer["choices"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedOutput(card.id) from error
    usage = tokens.counted(card, answer)
    result = outputs.conforming(card, {"choices": choices, "usage": usage})
    return Produced(
        usage=tokens.charged(usage),
        result=result,
        text="\n".join(choice["message"]["content"] for choice in choices),
    )


def _choice(choice: Mapping[str, Any]) -> dict[str, Any]:
    """Only what Sluice promises: containers add fields of their own."""
    return {
        "index": choice["index"],
        "message": {"role": "assistant", "content": choice["message"]["content"] or ""},
        "finish_reason": choice["finish_reason"],
    }
