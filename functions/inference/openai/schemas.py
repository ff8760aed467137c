"""OpenAI's requests as far as the models here honour them, and its answers in the client's types.

A parameter that no model honours is refused by name, never ignored; its neutral value is taken.
"""

import base64
import struct
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from functions.inference.jobs.job import Job
from functions.inference.models.schemas import UnitPrice
from sluice import clock
from sluice.catalog import Card

MAX_MODEL_CHARS = 128
MAX_MESSAGES = 1_000
MAX_PARTS = 100
MAX_INPUTS = 2_048

Model = Annotated[str, Field(min_length=1, max_length=MAX_MODEL_CHARS, examples=["smollm2-135m"])]
User = Annotated[str, Field(max_length=256, description="A label of the caller's; no effect.")]


class Strict(BaseModel):
    """Unknown fields are refused, those that are null count as left out, types are not guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def without_nulls(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None}


# Requests


class TextPart(Strict):
    type: Literal["text"]
    text: str


class Message(Strict):
    """`developer` is another name of `system`."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | Annotated[list[TextPart], Field(min_length=1, max_length=MAX_PARTS)]

    def as_input(self) -> dict[str, str]:
        role = "system" if self.role == "developer" else self.role
        if isinstance(self.content, str):
            return {"role": role, "content": self.content}
        return {"role": role, "content": "".join(part.text for part in self.content)}


class ResponseFormat(Strict):
    type: Literal["text"]


class ChatRequest(Strict):
    """`stream` may only be false for now, and `n` only 1."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": "smollm2-135m",
                    "messages": [{"role": "user", "content": "Write a haiku about a red apple."}],
                    "max_tokens": 64,
                }
            ]
        }
    )

    model: Model
    messages: Annotated[list[Message], Field(min_length=1, max_length=MAX_MESSAGES)]
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    n: Literal[1] | None = None
    stream: bool | None = None
    logprobs: Literal[False] | None = None
    frequency_penalty: Annotated[float, Field(ge=0, le=0)] | None = None
    presence_penalty: Annotated[float, Field(ge=0, le=0)] | None = None
    response_format: ResponseFormat | None = None
    user: User | None = None

    @field_validator("stream")
    @classmethod
    def not_yet(cls, stream: bool | None) -> bool | None:
        if stream:
            raise ValueError("answers are not streamed yet; send stream=false")
        return stream

    def as_input(self) -> dict[str, Any]:
        """The chat task's input."""
        newer, older = self.max_completion_tokens, self.max_tokens
        given = {
            "messages": [message.as_input() for message in self.messages],
            "max_tokens": older if newer is None else newer,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "stop": self.stop,
            "seed": self.seed,
        }
        return {name: value for name, value in given.items() if value is not None}


class EmbeddingRequest(Strict):
    """`input` is text; arrays of token ids are refused, since tokenizers differ by model."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": "e5-small", "input": "query: how tall is the tower"}]
        }
    )

    model: Annotated[str, Field(min_length=1, max_length=MAX_MODEL_CHARS, examples=["e5-small"])]
    input: str | Annotated[list[str], Field(min_length=1, max_length=MAX_INPUTS)]
    encoding_format: Literal["float", "base64"] | None = None
    user: User | None = None


# Answers


class ChatUsage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatMessage(BaseModel):
    role: Literal["assistant"]
    content: str
    refusal: None = None


class ChatChoice(BaseModel):
    index: int
    message: ChatMessage
    finish_reason: Literal["stop", "length"]
    logprobs: None = None


class ChatCompletion(BaseModel):
    id: str = Field(examples=["chatcmpl-job_0e3s"])
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChatChoice]
    usage: ChatUsage

    @classmethod
    def of(cls, job: Job, result: Mapping[str, Any]) -> Self:
        return cls(
            id=f"chatcmpl-{job.id}",
            created=job.created_ms // clock.MS_PER_S,
            model=job.model,
            choices=result["choices"],
            usage=result["usage"],
        )


class EmbeddingUsage(BaseModel):
    prompt_tokens: int
    total_tokens: int


class Embedding(BaseModel):
    """`embedding` is base64 of little-endian 32-bit floats when that was asked for, as OpenAI's own
    client does."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingList(BaseModel):
    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage

    @classmethod
    def of(cls, job: Job, result: Mapping[str, Any], encoding: str | None) -> Self:
        data = [
            Embedding(
                index=entry["index"],
                embedding=_packed(entry["embedding"])
                if encoding == "base64"
                else entry["embedding"],
            )
            for entry in result["data"]
        ]
        return cls(data=data, model=job.model, usage=result["usage"])


def _packed(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


class OpenAIModel(BaseModel):
    """OpenAI's model object, with what the model is and costs beside it."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "sluice"
    title: str
    task: str
    prices: Mapping[str, UnitPrice]

    @classmethod
    def of(cls, card: Card) -> Self:
        return cls(id=card.id, title=card.title, task=card.task, prices=UnitPrice.of_card(card))


class OpenAIModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[OpenAIModel]
