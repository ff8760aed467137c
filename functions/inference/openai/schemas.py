"""OpenAI's requests as far as the models here honour them, and its answers.

A parameter that no model honours is refused by name, never ignored.
"""

import base64
import struct
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.inference.jobs.job import Job
from sluice import clock
from sluice.catalog import Card

MAX_MODEL_CHARS = 128
MAX_MESSAGES = 1_000
MAX_INPUTS = 2_048


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TextPart(Strict):
    type: Literal["text"]
    text: str


class Message(Strict):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart]

    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content)


class ChatRequest(Strict):
    """`stream` may only be false for now; `n` only 1; `user` is a label and has no effect."""

    model: Annotated[str, Field(min_length=1, max_length=MAX_MODEL_CHARS)]
    messages: Annotated[list[Message], Field(min_length=1, max_length=MAX_MESSAGES)]
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    n: Literal[1] | None = None
    stream: Literal[False] | None = None
    user: Annotated[str, Field(max_length=256)] | None = None

    def as_input(self) -> dict[str, Any]:
        """The chat task's input."""
        given = {
            "messages": [
                {"role": "system" if m.role == "developer" else m.role, "content": m.text()}
                for m in self.messages
            ],
            "max_tokens": self.max_completion_tokens or self.max_tokens,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "stop": self.stop,
            "seed": self.seed,
        }
        return {name: value for name, value in given.items() if value is not None}


class EmbeddingRequest(Strict):
    """`input` is text; arrays of token ids are refused, since tokenizers differ by model."""

    model: Annotated[str, Field(min_length=1, max_length=MAX_MODEL_CHARS)]
    input: str | Annotated[list[str], Field(min_length=1, max_length=MAX_INPUTS)]
    encoding_format: Literal["float", "base64"] | None = None
    user: Annotated[str, Field(max_length=256)] | None = None


def chat_completion(job: Job, result: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{job.id}",
        "object": "chat.completion",
        "created": job.created_ms // clock.MS_PER_S,
        "model": job.model,
        "choices": [choice | {"logprobs": None} for choice in result["choices"]],
        "usage": result["usage"],
    }


def embedding_list(job: Job, result: Mapping[str, Any], encoding: str | None) -> dict[str, Any]:
    """`base64` is what OpenAI's own client asks for: little-endian 32-bit floats."""
    data = result["data"]
    if encoding == "base64":
        data = [entry | {"embedding": _packed(entry["embedding"])} for entry in data]
    return {"object": "list", "data": data, "model": job.model, "usage": result["usage"]}


def _packed(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def model(card: Card) -> dict[str, Any]:
    """OpenAI's model object, with the price per unit in exact dollars beside it."""
    return {
        "id": card.id,
        "object": "model",
        "created": 0,
        "owned_by": "sluice",
        "title": card.title,
        "task": card.task,
        "prices": card.raw["prices"]["units"],
    }
