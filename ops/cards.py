"""What a model card must say. One that says less, or something else, cannot be sold."""

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

import jsonschema_rs
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

Screened = Literal["text", "image", "text_and_image", "none"]
Schema = dict[str, Any]

# Every unit a task can consume has a price, or the model cannot be called. Pictures are counted as
# the model works: by its output alone, or by each step of a sampler.
_TOKENS: Final = frozenset({"request", "input_token", "output_token"})
_BY_PIXEL: Final = frozenset({"request", "output_pixel"})
_BY_STEP: Final = frozenset({"request", "output_image", "output_pixel_step"})
UNITS: Final[Mapping[str, tuple[frozenset[str], ...]]] = {
    "chat": (_TOKENS,),
    "completion": (_TOKENS,),
    "embedding": (frozenset({"request", "input_token"}),),
    "rerank": (frozenset({"request", "search_document"}),),
    "text-to-image": (_BY_STEP,),
    "image-to-image": (_BY_PIXEL, _BY_STEP),
    "inpainting": (_BY_STEP,),
    "upscale": (_BY_PIXEL,),
    "remove-background": (_BY_PIXEL,),
    "speech-to-text": (frozenset({"request", "input_millisecond"}),),
    "text-to-speech": (frozenset({"request", "input_character"}),),
}
# What the services bound a request by, beside its schema: without it they could not.
_RATE: Final = frozenset({"rate_per_minute"})
_TEXT: Final = _RATE | {"context_tokens", "max_input_bytes"}
_SIDES: Final = _RATE | {"max_pixels", "max_side_pixels", "min_side_pixels"}
LIMITS: Final[Mapping[str, frozenset[str]]] = {
    "chat": _TEXT | {"max_output_tokens"},
    "completion": _TEXT | {"max_output_tokens"},
    "embedding": _TEXT,
    "rerank": _TEXT,
    "text-to-image": _SIDES,
    "image-to-image": _SIDES | {"max_input_bytes"},
    "inpainting": _SIDES | {"max_input_bytes"},
    "upscale": _SIDES | {"max_input_bytes", "scale"},
    "remove-background": _SIDES | {"max_input_bytes"},
    "speech-to-text": _RATE | {"max_input_bytes", "max_audio_ms"},
    "text-to-speech": _RATE | {"max_input_bytes"},
}
# What screening costs at AWS's list prices, in nanodollars: a guardrail's filters, topics and PII
# for each begun 1,000 characters, and Rekognition for each picture.
SCREENING_NANOS: Final[Mapping[str, int]] = {
    "none": 0,
    "text": 400_000,
    "image": 1_000_000,
    "text_and_image": 1_400_000,
}
MAX_ALIASES: Final = 16
MAX_SCHEMA_DEPTH: Final = 16
MAX_BESIDE: Final = 8


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Licence(Part):
    model: str = Field(min_length=1)
    engine: str | None = Field(default=None, min_length=1)
    weights_package: str | None = Field(default=None, pattern=r"^[a-z0-9-]+==[0-9.]+$")


class Rate(Part):
    """`nanos` nanodollars per `per` units."""

    nanos: PositiveInt
    per: PositiveInt


class Prices(Part):
    version: PositiveInt
    units: dict[str, Rate]


class Moderation(Part):
    input: Screened
    output: Screened


class LocalServing(Part):
    """On the local CPU: `server` speaks /ping and /invocations on the port it is given. `typical_s`
    is what a typical request takes, as measured and rounded up; without it nobody estimates."""

    model: str
    server: str = Field(pattern=r"^models/[a-z0-9-]+/serve/[a-z_]+\.py$")
    concurrency: PositiveInt
    typical_s: PositiveInt | None = None
    wake_s: PositiveInt
    timeout_s: PositiveInt
    idle_s: PositiveInt


class CloudServing(Part):
    """On SageMaker: `image` names one of models/images.lock.json; `code` is a folder whose files go
    to `code/` inside the `weights`, with those files `beside` them that several models share."""

    mode: Literal["async"]
    model: str
    image: str
    code: str | None = None
    beside: list[str] = Field(default_factory=list, max_length=MAX_BESIDE)
    weights: str | None = None
    environment: dict[str, str] = Field(default_factory=dict)
    instance_type: str = Field(pattern=r"^ml\.")
    max_capacity: PositiveInt
    concurrency: PositiveInt
    typical_s: PositiveInt | None = None
    wake_s: PositiveInt
    timeout_s: PositiveInt = Field(le=3600)  # SageMaker's own limit for one invocation
    idle_s: PositiveInt


class Serving(Part):
    local: LocalServing | None = None
    cloud: CloudServing | None = None

    @model_validator(mode="after")
    def _is_served_somewhere(self) -> Self:
        if self.local is None and self.cloud is None:
            raise ValueError("a model that nothing serves cannot be called")
        return self


class Card(Part):
    """One model card. Raises pydantic's ValidationError, which names each field at fault."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=48)
    task: str
    title: str = Field(min_length=1, max_length=80)
    description: str = Field(min_length=1, max_length=600)
    licence: Licence
    aliases: list[str] = Field(default_factory=list, max_length=MAX_ALIASES)
    input: Schema
    output: Schema
    prices: Prices
    limits: dict[str, PositiveInt]
    moderation: Moderation
    serving: Serving

    @model_validator(mode="after")
    def _prices_every_unit(self) -> Self:
        ways = UNITS.get(self.task)
        if ways is None:
            raise ValueError(f"nobody knows the task {self.task!r}; there are {sorted(UNITS)}")
        if set(self.prices.units) not in ways:
            raise ValueError(f"a {self.task} model is priced by {' or '.join(map(_named, ways))}")
        return self

    @model_validator(mode="after")
    def _pays_for_its_screening(self) -> Self:
        """Of one text unit or picture, before and after; more is in the prices of what is more."""
        prices, after = self.prices.units, SCREENING_NANOS[self.moderation.output]
        each = prices.get("output_image")
        if each and each.nanos < after * each.per:
            raise ValueError(f"a picture is screened for {after} nanos and pays less")
        needed = SCREENING_NANOS[self.moderation.input] + (0 if each else after)
        if prices["request"].nanos < needed * prices["request"].per:
            raise ValueError(f"a request is screened for {needed} nanos and pays less")
        return self

    @model_validator(mode="after")
    def _limits_what_its_task_takes(self) -> Self:
        missing = LIMITS.get(self.task, _RATE) - set(self.limits)
        if missing:
            raise ValueError(f"limits say {_named(missing)}")
        return self

    @model_validator(mode="after")
    def _has_a_strict_input(self) -> Self:
        jsonschema_rs.meta.validate(self.input)
        jsonschema_rs.meta.validate(self.output)
        loose = list(loose_objects(self.input))
        if loose:
            raise ValueError(f"input takes unknown properties at {loose}")
        if not self.input.get("examples"):
            raise ValueError("input has an example")
        validator = jsonschema_rs.validator_for(self.input)
        for example in self.input["examples"]:
            validator.validate(example)
        return self


def _named(units: frozenset[str]) -> str:
    return ", ".join(sorted(units))


def loose_objects(schema: object, path: str = "input", depth: int = 0) -> list[str]:
    """The paths of object schemas that take properties they do not name."""
    if depth > MAX_SCHEMA_DEPTH:
        raise ValueError(f"{path} is nested over {MAX_SCHEMA_DEPTH} levels")
    if isinstance(schema, list):
        inside = [(f"{path}[{at}]", part) for at, part in enumerate(schema)]
    elif isinstance(schema, dict):
        inside = [(f"{path}.{name}", part) for name, part in schema.items() if name != "examples"]
    else:
        return []
    found = [place for name, part in inside for place in loose_objects(part, name, depth + 1)]
    if isinstance(schema, dict) and schema.get("type") == "object":
        return found if schema.get("additionalProperties") is False else [path, *found]
    return found
