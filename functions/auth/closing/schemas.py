"""What the routes of closing answer."""

from typing import Literal

from pydantic import BaseModel, Field


class Closing(BaseModel):
    account: str = Field(examples=["acc_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    state: Literal["open", "closing"]
    asked_at: str | None = Field(
        description="When it was asked for.", examples=["2026-11-26T12:00:00.000Z"]
    )
    closes_at: str | None = Field(
        description="From when on nothing acts for the account; until then it may be kept.",
        examples=["2026-12-26T12:00:00.000Z"],
    )
