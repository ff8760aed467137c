"""What whoami answers."""

from typing import Literal

from pydantic import BaseModel, Field

from functions.auth.documents.schemas import Document
from functions.auth.keys.schemas import Budget


class Whoami(BaseModel):
    kind: Literal["key", "session"]
    credential: str = Field(
        description="The key's or session's id.", examples=["key_06bq1c8d4h2m0t9k3v5r7n1p2s"]
    )
    user: str = Field(examples=["usr_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    account: str = Field(examples=["acc_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    role: str | None = Field(description="A session's user's, in the account.", examples=[None])
    scopes: list[str] = Field(
        description="What it may do.",
        examples=[["billing:read", "content:read", "inference", "inference:read"]],
    )
    models: list[str] | None = Field(
        description="The models that a key may call; null for all.", examples=[["smollm2-135m"]]
    )
    networks: list[str] = Field(
        description="From where a key may be used; none for anywhere.", examples=[["192.0.2.0/24"]]
    )
    budget: Budget | None = Field(description="What a key may spend.", examples=[None])
    member_budget: Budget | None = Field(
        description="What the member may spend who acts here, or who made the key.",
        examples=[None],
    )
    rate_per_minute: int | None = Field(
        description="How many requests a minute a key may make, of all models together.",
        examples=[None],
    )
    documents_due: list[Document] = Field(
        description="What is to be accepted with `POST /v1/auth/documents/accept`, by you or, of a "
        "key, by its account's owner.",
        examples=[[]],
    )
    expires_at: str | None = Field(
        description="When it ends (RFC 3339): a session earlier if it is not used, null for a key "
        "that does not.",
        examples=["2027-11-01T00:00:00.000Z"],
    )
