"""What the routes of API keys take and answer."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from functions.auth.users.schemas import Body

MAX_NAME_CHARS = 100


class NewKey(Body):
    name: str = Field(
        min_length=1,
        max_length=MAX_NAME_CHARS,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="What you will know it by; names need not be unique.",
        examples=["laptop"],
    )
    expires_at: AwareDatetime | None = Field(
        default=None,
        description="From when on it is refused (RFC 3339); without it the key does not expire.",
        examples=["2027-11-01T00:00:00Z"],
    )


class Key(BaseModel):
    id: str = Field(examples=["key_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    name: str = Field(examples=["laptop"])
    prefix: str = Field(description="How the secret begins.", examples=["sk_0kWq7ZxY"])
    state: Literal["active", "expired", "revoked"] = Field(examples=["active"])
    scopes: list[str] = Field(examples=[["billing:read", "content:read", "inference"]])
    created_at: str = Field(examples=["2026-11-23T12:00:00.000Z"])
    expires_at: str | None = Field(examples=[None])


class CreatedKey(Key):
    secret: str | None = Field(
        description="The key itself, shown this once; null when the request was replayed.",
        examples=["sk_0kWq7ZxY…"],
    )


class Keys(BaseModel):
    data: list[Key]
    cursor: str | None = Field(description="Of the next page; null on the last.")
