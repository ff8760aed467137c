"""What a model card must say. One that says less, or something else, cannot be sold."""

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

import jsonschema_rs
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

Screened = Literal["text", "image", "none"]
Schema = dict[str, Any]

# Every unit a task can consume has a price, or the model cannot be called.
UNITS: Final[Mapping[str, frozenset[str]]] = {
    "chat": frozenset({"input_token", "output_token"}),
    "embedding": frozenset({"input_token"}),
    "upscale": frozenset({"output_pixel"}),
}
MAX_ALIASES: Final = 16
MAX_SCHEMA_DEPTH: Final = 16


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Licence(Part):
    model: str = Field(min_length=1)
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
    """On the local CPU: `server` speaks /ping and /invocations on the port it is given."""

    model: str
    server: str = Field(pattern=r"^models/[a-z0-9-]+/serve/[a-z_]+\.py$")
    concurrency: PositiveInt
    wake_s: PositiveInt
    timeout_s: PositiveInt
    idle_s: PositiveInt


class CloudServing(Part):
    """On SageMaker: `image` names one of models/images.lock.json; `code`, `weights` are S3 keys."""

    mode: Literal["async"]
    model: str
    image: str
    code: str | None = None
    weights: str | None = None
    environment: dict[str, str] = Field(default_factory=dict)
    instance_type: str = Field(pattern=r"^ml\.")
    max_capacity: PositiveInt
    concurrency: PositiveInt
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
    task: Literal["chat", "embedding", "upscale"]
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
        if set(self.prices.units) != UNITS[self.task]:
            raise ValueError(f"a {self.task} model is priced by {sorted(UNITS[self.task])}")
        return self

    @model_validator(mode="after")
    def _limits_the_rate(self) -> Self:
        if "rate_per_minute" not in self.limits:
            raise ValueError("limits say rate_per_minute")
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
