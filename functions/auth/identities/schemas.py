"""What the routes of linked identities answer."""

from pydantic import BaseModel, Field


class Identity(BaseModel):
    provider: str = Field(examples=["google"])
    email: str | None = Field(
        description="What the provider said when it was linked.", examples=["ada@example.com"]
    )
    linked_at: str = Field(examples=["2026-11-26T12:00:00.000Z"])


class Identities(BaseModel):
    data: list[Identity]
