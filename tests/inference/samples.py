"""Inputs that customers send and outputs that containers give."""

import base64
import io
import json
from collections.abc import Sequence
from typing import Any

from PIL import Image

from tests.simulation.detectors import COLOURS

PROMPT = {"messages": [{"role": "user", "content": "Say hello."}]}
ANSWER = "Hello, world."
PROMPT_TOKENS, ANSWER_TOKENS = 12, 5
CHAT_NANOS = (PROMPT_TOKENS * 20_000 + ANSWER_TOKENS * 60_000) // 1000
DIMENSIONS = 384
TOKENS_PER_TEXT = 7


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


def picture(width: int = 80, height: int = 60, kind: str = "PNG", shows: str = "") -> bytes:
    """`shows` is what the detectors will find in it."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), COLOURS[shows]).save(file, kind)
    return file.getvalue()


def noise(width: int, height: int) -> bytes:
    """A picture that no compression makes small."""
    file = io.BytesIO()
    Image.effect_noise((width, height), 100).convert("RGB").save(file, "PNG")
    return file.getvalue()


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def upscaled(encoded: str) -> bytes:
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as image:
        file = io.BytesIO()
        image.resize((image.width * 4, image.height * 4)).save(file, "PNG")
    return file.getvalue()
