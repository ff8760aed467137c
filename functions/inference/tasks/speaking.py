"""text-to-speech: the container reads `{text, voice, speed, format}` and answers the sound."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from functions.inference.jobs.job import ResultFile
from functions.inference.tasks import sounds, texts
from functions.inference.tasks.task import MalformedOutput, Prepared, Produced, ProducedFile
from sluice.catalog import Card
from sluice.errors import InvalidInput
from sluice.schema import with_defaults
from sluice.units import worst_case_units


def prepare(card: Card, given: Mapping[str, Any], account: str) -> Prepared:
    body = with_defaults(card, given)
    texts.check_size(card, [body["text"]])
    units = worst_case_units(card, body)
    facts = {"input_character": units["input_character"]}
    return Prepared(json.dumps(body).encode(), units, facts)


def within(card: Card, given: Mapping[str, Any], nanos: int) -> Mapping[str, Any] | None:
    return None


def to_screen(payload: bytes) -> Sequence[str | bytes]:
    return [json.loads(payload)["text"]]


def interpret(card: Card, output: bytes, facts: Mapping[str, int]) -> Produced:
    """What is said was screened as text before; the sound adds no words to it."""
    try:
        sound = sounds.measure(output)
    except InvalidInput as error:
        raise MalformedOutput(card.id) from error
    file = ResultFile(
        name=f"audio.{sounds.EXTENSIONS[sound.content_type]}",
        content_type=sound.content_type,
        size_bytes=len(output),
        duration_ms=sound.duration_ms,
    )
    return Produced(
        usage={"input_character": facts["input_character"]}, files=(ProducedFile(file),)
    )
