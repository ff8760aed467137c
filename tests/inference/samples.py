"""Inputs that customers send and outputs that containers give."""

import base64
import io
import json
import math
import struct
import wave
from collections.abc import Sequence
from typing import Any

from PIL import Image

from tests.simulation.detectors import COLOURS

PROMPT = {"messages": [{"role": "user", "content": "Say hello."}]}
ANSWER = "Hello, world."
PROMPT_TOKENS, ANSWER_TOKENS = 12, 5
CHAT_REQUEST_NANOS = 850_000
CHAT_NANOS = CHAT_REQUEST_NANOS + PROMPT_TOKENS * 1_750 + ANSWER_TOKENS * 1_800
DIMENSIONS = 384
TOKENS_PER_TEXT = 7
EMBEDDING_REQUEST_NANOS, TEXT_TOKEN_NANOS = 450_000, 1_750
UPSCALE_REQUEST_NANOS = 2_050_000
RATE_HZ = 16_000


def prompt(text: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]} | more


def completion(text: str = ANSWER, /, **usage: Any) -> bytes:
    """As an OpenAI-compatible server answers, with fields of its own."""
    counted = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": ANSWER_TOKENS} | usage
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text, "tool_calls": []},
        "finish_reason": "stop",
        "stop_reason": None,
    }
    answer = {"id": "c1", "object": "chat.completion", "choices": [choice], "usage": counted}
    return json.dumps(answer).encode()


def vector(text: str) -> list[float]:
    return [((len(text) + place) % 7) / 7 for place in range(DIMENSIONS)]


def embeddings(texts: Sequence[str]) -> bytes:
    data = [
        {"object": "embedding", "index": number, "embedding": vector(text)}
        for number, text in enumerate(texts)
    ]
    tokens = TOKENS_PER_TEXT * len(texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return json.dumps({"object": "list", "data": data, "usage": usage}).encode()


def picture(
    width: int = 80, height: int = 60, kind: str = "PNG", shows: str = "", **how: bool
) -> bytes:
    """`shows` is what the detectors will find in it, `how` it is to be written."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), COLOURS[shows]).save(file, kind, **how)
    return file.getvalue()


def noise(width: int, height: int) -> bytes:
    """A picture that no compression makes small."""
    file = io.BytesIO()
    Image.effect_noise((width, height), 100).convert("RGB").save(file, "PNG")
    return file.getvalue()


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def bytes_of(encoded: str) -> bytes:
    return base64.b64decode(encoded)


def upscaled(encoded: str) -> bytes:
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as image:
        file = io.BytesIO()
        image.resize((image.width * 4, image.height * 4)).save(file, "PNG")
    return file.getvalue()


def sound(seconds: float = 1.0) -> bytes:
    """A tone, as WAV."""
    return wav([round(8_000 * math.sin(place / 8)) for place in range(round(RATE_HZ * seconds))])


def wav(frames: Sequence[int]) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE_HZ)
        written.writeframes(struct.pack(f"<{len(frames)}h", *frames))
    return file.getvalue()


def transcript(text: str = "Good morning. The gate is open.") -> bytes:
    """As the container answers when asked for the times of words."""
    first, _, second = text.partition(". ")
    segments = [
        {"start": 0.0, "end": 0.5, "text": first + "."},
        {"start": 0.5, "end": 1.0, "text": second},
    ]
    words = [
        {"start": place / 10, "end": (place + 1) / 10, "word": word}
        for place, word in enumerate(text.split())
    ]
    heard = {"text": text, "language": "en", "segments": segments, "words": words}
    return json.dumps(heard).encode()


def sampled(*contents: bytes) -> bytes:
    """Several pictures, as a sampler's container answers them."""
    images = [
        {"data": base64_of(content), "seed": number}
        for number, content in enumerate(contents, start=7)
    ]
    return json.dumps({"images": images}).encode()
