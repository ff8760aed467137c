"""chat: the container speaks OpenAI's chat completions."""

import json
from collections.abc import Mapping
from typing import Any

from functions.inference.tasks.schema import with_defaults
from functions.inference.tasks.task import MalformedOutput, Prepared, Produced
from sluice.catalog import Card
from sluice.units import worst_case_units


def prepare(card: Card, given: Mapping[str, Any], account: str) -> Prepared:
    body = with_defaults(card, given)
    return Prepared(
        payload=json.dumps({"model": card.id} | body).encode(),
        units=worst_case_units(card, body),
    )


def within(card: Card, given: Mapping[str, Any], nanos: int) -> Mapping[str, Any] | None:
    if "max_tokens" in given:
        return None
    units = worst_case_units(card, dict(given) | {"max_tokens": 0})
    left = nanos - card.prices.worst_case_nanos(units)
    tokens = int(left / card.prices.rates["output_token"])
    return dict(given) | {"max_tokens": tokens} if tokens > 0 else None


def to_screen(payload: bytes) -> str | bytes:
    return "\n".join(message["content"] for message in json.loads(payload)["messages"])


def interpret(card: Card, output: bytes) -> Produced:
    try:
        answer = json.loads(output)
        choices = [
            {
                "index": choice["index"],
                "message": {"role": "assistant", "content": choice["message"]["content"] or ""},
                "finish_reason": choice["finish_reason"],
            }
            for choice in answer["choices"]
        ]
        counted = answer["usage"]
        usage = {
            "input_token": int(counted["prompt_tokens"]),
            "output_token": int(counted["completion_tokens"]),
        }
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedOutput(card.id) from error
    result = {
        "choices": choices,
        "usage": {
            "prompt_tokens": usage["input_token"],
            "completion_tokens": usage["output_token"],
            "total_tokens": sum(usage.values()),
        },
    }
    text = "\n".join(choice["message"]["content"] for choice in choices)
    return Produced(usage=usage, result=result, text=text)
