"""Quotes as the API takes and shows them."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

from functions.billing.prices.schemas import Rate, show_rate
from functions.billing.quotes.service import Part, Quote
from sluice.amount import Money
from sluice.units import Media

MAX_MODEL_CHARS = 128
MAX_UNIT_CHARS = 40
MAX_UNITS_NAMED = 16
MAX_SIDE_PIXELS = 65_535
MAX_DURATION_MS = 10**9


class QuotedPicture(BaseModel):
    """The size of the picture that the input holds or names, in pixels."""

    model_config = ConfigDict(extra="forbid")

    width: Annotated[StrictInt, Field(ge=1, le=MAX_SIDE_PIXELS)]
    height: Annotated[StrictInt, Field(ge=1, le=MAX_SIDE_PIXELS)]


class QuotedSound(BaseModel):
    """How long the sound lasts that the input holds or names."""

    model_config = ConfigDict(extra="forbid")

    duration_ms: Annotated[StrictInt, Field(ge=1, le=MAX_DURATION_MS)]


class QuoteRequest(BaseModel):
    """Either the `input` of a job, with what its picture or sound measures if it has one, or a
    count of `units`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "model": "smollm2-135m",
                    "input": {"messages": [{"role": "user", "content": "Say hello."}]},
                },
                {"model": "span-x4", "units": {"output_pixel": 1_048_576}},
            ]
        },
    )

    model: Annotated[str, Field(min_length=1, max_length=MAX_MODEL_CHARS)]
    input: dict[str, Any] | None = None
    picture: QuotedPicture | None = None
    audio: QuotedSound | None = None
    units: Annotated[
        dict[Annotated[str, Field(max_length=MAX_UNIT_CHARS)], StrictInt] | None,
        Field(min_length=1, max_length=MAX_UNITS_NAMED),
    ] = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.input is None) == (self.units is None):
            raise ValueError("give either input or units")
        return self

    @property
    def media(self) -> Media:
        picture, audio = self.picture, self.audio
        return Media(
            picture=(picture.width, picture.height) if picture else None,
            audio_ms=audio.duration_ms if audio else None,
        )


class QuotePart(BaseModel):
    """So many units at most, at this rate."""

    count: str
    rate: Rate
    amount: Money


class QuoteBody(BaseModel):
    """`amount` is what the job would hold, and the most it could be charged; the parts add up to
    it. Nothing is held by asking."""

    object: Literal["quote"] = "quote"
    model: str
    price_version: int
    amount: Money
    parts: list[QuotePart]


def show(quote: Quote) -> QuoteBody:
    return QuoteBody(
        model=quote.card.id,
        price_version=quote.card.prices.version,
        amount=Money.of(quote.nanos),
        parts=[_show_part(part) for part in quote.parts],
    )


def _show_part(part: Part) -> QuotePart:
    return QuotePart(
        count=str(part.count),
        rate=show_rate(part.unit, part.rate),
        amount=Money.of(part.nanos),
    )
