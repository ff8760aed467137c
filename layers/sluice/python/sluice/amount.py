"""Money as every service's API shows it. Apart from `sluice.money`, so that queue handlers, which
only count, need no pydantic."""

from typing import Self

from pydantic import BaseModel, Field

from sluice import money


class Money(BaseModel):
    """An amount in two exact forms: decimal dollars and integer nanodollars (1e-9 USD)."""

    usd: str = Field(examples=["0.000123"])
    nanos: str = Field(examples=["123000"])

    @classmethod
    def of(cls, nanos: int) -> Self:
        return cls(**money.as_json(nanos))
