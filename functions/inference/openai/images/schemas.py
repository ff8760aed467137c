"""Pictures: OpenAI's generations and edits."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.inference.jobs.job import Job, ResultFile
from functions.inference.openai.forms import Part
from functions.inference.openai.schemas import CardRequest, Label, Model, without_missing
from functions.inference.results import links
from sluice import clock
from sluice.errors import InvalidInput

MAX_PROMPT_CHARS = 32_000
_SIZE = re.compile(r"^(\d{1,5})x(\d{1,5})$")
_NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "stream": (False, "false"),
    "partial_images": (0, "0"),
    "quality": ("auto", "standard"),
    "background": ("auto", "opaque"),
    "output_format": ("png",),
    "output_compression": (100, "100"),
    "moderation": ("auto",),
}

type Form = Literal["url", "b64_json"]
ModelOrDefault = Annotated[
    Model | None,
    Field(description="Without it: the first of the stage's models that does the task."),
]


class GenerationRequest(CardRequest):
    """`size` is `WIDTHxHEIGHT`; whatever else the model's card knows (steps, seed, negative_prompt,
    guidance_scale…) may stand beside it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": "sdxl", "prompt": "A red door", "size": "1024x768", "n": 2}]
        }
    )
    neutral: ClassVar[Mapping[str, tuple[Any, ...]]] = _NEUTRAL

    model: ModelOrDefault = None
    prompt: Annotated[str, Field(max_length=MAX_PROMPT_CHARS)]
    n: int | None = None
    size: Annotated[str, Field(max_length=16)] | None = None
    response_format: Form = "url"
    user: Label | None = None
    safety_identifier: Label | None = None

    def as_input(self) -> dict[str, Any]:
        """The text-to-image task's input."""
        width, height = _pixels(self.size)
        return without_missing(
            {"prompt": self.prompt, "n": self.n, "width": width, "height": height}
        )


class EditForm(CardRequest):
    """A form: one picture, and for inpainting a mask of its size, transparent (or white) where the
    picture is to change. A model that knows styles instead of prompts takes a style's name as its
    `prompt`."""

    model_config = ConfigDict(strict=False)
    neutral: ClassVar[Mapping[str, tuple[Any, ...]]] = dict(_NEUTRAL) | {
        "size": ("auto",),
        "input_fidelity": ("low",),
    }

    model: ModelOrDefault = None
    prompt: Annotated[str, Field(max_length=MAX_PROMPT_CHARS)]
    image: Part | None = None
    images: list[Part] = Field(default=[], alias="image[]", max_length=16)
    mask: Part | None = None
    response_format: Form = "url"
    user: Label | None = None
    safety_identifier: Label | None = None

    @property
    def picture(self) -> Part:
        """The one that is to be edited; raises InvalidInput."""
        given = [self.image] if self.image is not None else self.images
        if len(given) != 1 or (self.image is not None and self.images):
            raise InvalidInput(
                "Send one picture as `image`.",
                errors=[{"pointer": "/body/image", "message": "exactly one picture"}],
            )
        return given[0]


def _pixels(size: str | None) -> tuple[int | None, int | None]:
    if size is None or size == "auto":
        return None, None
    found = _SIZE.match(size)
    if found is None:
        raise InvalidInput(
            "`size` is WIDTHxHEIGHT in pixels, such as 1024x768, or auto.",
            errors=[{"pointer": "/body/size", "message": "not WIDTHxHEIGHT"}],
        )
    return int(found[1]), int(found[2])


class Image(BaseModel):
    """A link good for an hour, or the picture itself as base64."""

    url: str | None = None
    b64_json: str | None = None
    seed: int | None = Field(default=None, description="Makes this picture again.")


class Images(BaseModel):
    created: int
    data: list[Image]
    size: str = Field(examples=["1024x768"])
    output_format: str = Field(examples=["png"])

    @classmethod
    def of(cls, job: Job, contents: Sequence[bytes] | None) -> Self:
        """`contents` are the pictures' bytes, to be given instead of links."""
        if contents is None:
            data = [Image(url=links.sign(job.id, file.name), seed=file.seed) for file in job.files]
        else:
            data = [
                Image(b64_json=base64.b64encode(content).decode(), seed=file.seed)
                for content, file in zip(contents, job.files, strict=True)
            ]
        first: ResultFile = job.files[0]
        return cls(
            created=job.created_ms // clock.MS_PER_S,
            data=data,
            size=f"{first.width}x{first.height}",
            output_format=first.content_type.removeprefix("image/"),
        )
