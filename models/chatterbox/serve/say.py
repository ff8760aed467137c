"""Chatterbox in the cloud: what SageMaker's stock PyTorch container calls (`SAGEMAKER_PROGRAM`).

The model speaks well for half a minute at a time, so a text is said in parts that end with a
sentence, or else with a word.
"""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from chatterbox.tts import ChatterboxTTS
from sound import encode
from toolkit import parse_object, refusal

VOICE = "default"
KINDS = {"mp3": "audio/mpeg", "wav": "audio/wav", "flac": "audio/flac"}
MAX_CHARS = 4_000
MAX_PART_CHARS = 280
SLOWEST, FASTEST = 0.5, 2.0
PAUSE_S = 0.2
LOUDEST = 32_767
_SENTENCE_END = re.compile(r"(?<=[.!?;:])\s+")


def model_fn(model_dir: str) -> ChatterboxTTS:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return ChatterboxTTS.from_local(model_dir, device)


def transform_fn(
    speaker: ChatterboxTTS, body: bytes | bytearray, content_type: str, accept: str
) -> tuple[bytes, str]:
    """One invocation: JSON in, a file of sound out."""
    del accept  # the request itself says which kind
    asked = parse_object(body, content_type)
    text, kind, speed = asked.get("text"), asked.get("format", "mp3"), asked.get("speed", 1)
    if not isinstance(text, str) or not 0 < len(text) <= MAX_CHARS:
        raise refusal("invalid_input", f"text has 1 to {MAX_CHARS} characters.")
    if asked.get("voice", VOICE) != VOICE:
        raise refusal("unknown_voice", f"The only voice here is {VOICE}.")
    if kind not in KINDS:
        raise refusal("invalid_input", f"format is one of {', '.join(KINDS)}.")
    if not isinstance(speed, int | float) or not SLOWEST <= speed <= FASTEST:
        raise refusal("invalid_input", f"speed is {SLOWEST} to {FASTEST}.")
    if not any(character.isalnum() for character in text):
        raise refusal("nothing_to_say", "There is nothing in the text to pronounce.")
    return encode(_say(speaker, text), speaker.sr, kind, tempo=float(speed)), KINDS[kind]


def _say(speaker: ChatterboxTTS, text: str) -> bytes:
    """16-bit mono samples."""
    pause = np.zeros(int(PAUSE_S * speaker.sr), dtype=np.float32)
    spoken: list[Any] = []
    for part in parts(text):
        spoken += [speaker.generate(part).squeeze().cpu().numpy(), pause]
    samples: bytes = (np.clip(np.concatenate(spoken), -1, 1) * LOUDEST).astype(np.int16).tobytes()
    return samples


def parts(text: str) -> Iterator[str]:
    """Sentences, joined while they are short and cut between words where they are long."""
    waiting = ""
    for sentence in _SENTENCE_END.split(" ".join(text.split())):
        for piece in _pieces(sentence):
            if waiting and len(waiting) + len(piece) >= MAX_PART_CHARS:
                yield waiting
                waiting = ""
            waiting = f"{waiting} {piece}".strip()
    if waiting:
        yield waiting


def _pieces(sentence: str) -> Iterator[str]:
    while len(sentence) > MAX_PART_CHARS:
        cut = sentence.rfind(" ", 0, MAX_PART_CHARS)
        cut = cut if cut > 0 else MAX_PART_CHARS
        yield sentence[:cut]
        sentence = sentence[cut:].strip()
    yield sentence
