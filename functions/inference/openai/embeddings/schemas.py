"""Embeddings, as floats or packed in base64."""

import base64
import struct
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

from functions.inference.jobs.job import Job
from functions.inference.openai.schemas import CardRequest, Label, Model

MAX_INPUTS = 2_048


class EmbeddingRequest(CardRequest):
    """`input` is text; arrays of token ids are refused, since tokenizers differ by model."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": "e5-small", "input": "query: how tall is the tower"}]
        }
    )

    model: Model
    input: str | Annotated[list[str], Field(min_length=1, max_length=MAX_INPUTS)]
    encoding_format: Literal["float", "base64"] | None = None
    user: Label | None = None

    @field_validator("input", mode="before")
    @classmethod
    def no_token_ids(cls, given: Any) -> Any:
        if isinstance(given, list) and any(isinstance(entry, int | list) for entry in given):
            raise ValueError("token ids differ by model and are not taken; send the text")
        return given


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
