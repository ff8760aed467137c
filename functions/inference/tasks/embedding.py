"""embedding: the container speaks OpenAI's embeddings; vectors need no screening."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from functions.inference.tasks import outputs
from functions.inference.tasks import texts as sizes
from functions.inference.tasks.task import MalformedOutput, Prepared, Produced
from sluice.catalog import Card
from sluice.units import worst_case_units

MAX_FLOAT32 = 3.4e38
"""Compatible clients get vectors as 32-bit floats."""


def prepare(card: Card, given: Mapping[str, Any], account: str) -> Prepared:
    texts = [given["input"]] if isinstance(given["input"], str) else given["input"]
    sizes.check_size(card, texts)
    body = {"model": card.id, "input": texts, "encoding_format": "float"}
    return Prepared(payload=json.dumps(body).encode(), units=worst_case_units(card, given))


def within(card: Card, given: Mapping[str, Any], nanos: int) -> Mapping[str, Any] | None:
    return None


def to_screen(payload: bytes) -> Sequence[str | bytes]:
    return ["\n".join(json.loads(payload)["input"])]


def interpret(card: Card, output: bytes, facts: Mapping[str, int]) -> Produced:
    answer = outputs.read(card, output)
    try:
        data = [
            {"object": "embedding", "index": entry["index"], "embedding": entry["embedding"]}
            for entry in answer["data"]
        ]
        tokens = outputs.count(card, answer["usage"]["prompt_tokens"])
    except (KeyError, TypeError) as error:
        raise MalformedOutput(card.id) from error
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    result = outputs.conforming(card, {"data": data, "usage": usage})
    if any(abs(number) > MAX_FLOAT32 for entry in data for number in entry["embedding"]):
        raise MalformedOutput(card.id)
    return Produced(usage={"input_token": tokens}, result=result)
