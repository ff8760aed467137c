"""speech-to-text: the container reads `{audio, format, max_ms, language, timestamps, temperature}`
and answers the text.

What is announced by the sound's header is held and charged; the container refuses sound that goes
on for longer than that, so a lying header buys nothing.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from functions.inference.tasks import outputs, sounds
from functions.inference.tasks.sounds import Sound
from functions.inference.tasks.task import MalformedOutput, Prepared, Produced
from sluice.catalog import Card
from sluice.schema import with_defaults
from sluice.units import Media, worst_case_units

HEARD: Final = ("text", "language", "segments", "words")


def prepare(card: Card, given: Mapping[str, Any], account: str) -> Prepared:
    body = with_defaults(card, given)
    sound = sounds.read_input(card, body["audio"], account)
    return Prepared(
        payload=json.dumps(body | _announced(sound)).encode(),
        units=worst_case_units(card, body, Media(audio_ms=sound.duration_ms)),
        facts={"audio_ms": sound.duration_ms},
    )


def _announced(sound: Sound) -> dict[str, Any]:
    return {
        "audio": base64.b64encode(sound.data).decode(),
        "format": sounds.EXTENSIONS[sound.content_type],
        "max_ms": sound.duration_ms,
    }


def within(card: Card, given: Mapping[str, Any], nanos: int) -> Mapping[str, Any] | None:
    return None


def to_screen(payload: bytes) -> Sequence[str | bytes]:
    """Nobody here screens sound: what is said in it is screened as the text that comes out."""
    return []


def interpret(card: Card, output: bytes, facts: Mapping[str, int]) -> Produced:
    answer = outputs.read(card, output)
    if not isinstance(answer, dict):
        raise MalformedOutput(card.id)
    heard = {name: answer[name] for name in HEARD if name in answer}
    result = outputs.conforming(card, heard | {"duration_ms": facts["audio_ms"]})
    return Produced(
        usage={"input_millisecond": facts["audio_ms"]}, result=result, text=_said(result)
    )


def _said(result: Mapping[str, Any]) -> str:
    """Every word that leaves: what the parts say is screened too unless it is what the text says,
    which nothing but the container's good will makes it."""
    parts = [part["text"] for part in result.get("segments", ())]
    words = [word["word"] for word in result.get("words", ())]
    said = [result["text"], " ".join(parts), " ".join(words)]
    differing = {"".join(text.split()): text for text in said if text}
    return "\n".join(differing.values())
