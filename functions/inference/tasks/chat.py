"""chat: the container speaks OpenAI's chat completions."""

import json
from collections.abc import Mapping
from typing import Any

from functions.inference.tasks import outputs, texts
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
    rate = card.prices.rates["output_token"]
    if "max_tokens" in given or rate == 0:
        return None
    units = worst_case_units(card, dict(given) | {"max_tokens": 0})
    left = nanos - card.prices.worst_case_nanos(units)
    tokens = int(left / rate)
    return dict(given) | {"max_tokens": tokens} if tokens > 0 else None


def to_screen(payload: bytes) -> str | bytes:
    return "\n".join(message["content"] for message in json.loads(payload)["messages"])


def interpret(card: Card, output: bytes) -> Produced:
    answer = outputs.read(card, output)
    try:
        choices = [_choice(choice) for choice in answer["choices"]]
        prompt = outputs.count(card, answer["usage"]["prompt_tokens"])
        completion = outputs.count(card, answer["usage"]["completion_tokens"])
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedOutput(card.id) from error
    usage = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    result = outputs.conforming(card, {"choices": choices, "usage": usage})
    text = "\n".join(choice["message"]["content"] for choice in choices)
    return Produced(
        usage={"input_token": prompt, "output_token": completion}, result=result, text=text
    )


def _choice(choice: Mapping[str, Any]) -> dict[str, Any]:
    """Only what Sluice promises: containers add fields of their own."""
    return {
        "index": choice["index"],
        "message": {"role": "assistant", "content": choice["message"]["content"] or ""},
        "finish_reason": choice["finish_reason"],
    }
