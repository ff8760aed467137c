"""Moderations: OpenAI's request and answer, with our own verdict beside it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.inference.openai.schemas import Strict

MAX_INPUTS = 32
MAX_URL_CHARS = 6_000_000

type Scores = dict[str, float]


class TextInput(Strict):
    type: Literal["text"]
    text: str


class ImageUrl(Strict):
    url: Annotated[str, Field(max_length=MAX_URL_CHARS, pattern="^data:image/(png|jpeg);base64,")]


class ImageInput(Strict):
    """A PNG or JPEG as a data URL: nothing is fetched from other places."""

    type: Literal["image_url"]
    image_url: ImageUrl


type Input = TextInput | ImageInput


class ModerationRequest(Strict):
    """Texts have a result each, objects one together. `model` may be any of OpenAI's names: one set
    of detectors answers."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"input": "How do I get a stain out of a carpet?"}]}
    )

    input: (
        str
        | Annotated[list[str], Field(min_length=1, max_length=MAX_INPUTS)]
        | Annotated[
            list[Annotated[TextInput | ImageInput, Field(discriminator="type")]],
            Field(min_length=1, max_length=MAX_INPUTS),
        ]
    )
    model: Annotated[str, Field(max_length=128)] | None = None


class Moderation(BaseModel):
    """`verdict` is ours, by the categories of GET /v1/content/policy: it says more than OpenAI's
    thirteen, and which detectors answered."""

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[Literal["text", "image"]]] = Field(
        description="Empty where nobody looks for the category: its score says nothing then."
    )
    verdict: Mapping[str, Any]


class Moderations(BaseModel):
    id: str = Field(examples=["modr_0e3s"])
    model: str = Field(examples=["sluice-content-policy-2026-11-01"])
    results: list[Moderation]
