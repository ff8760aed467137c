"""What the audit log answers."""

from pydantic import BaseModel, Field


class AuditEntry(BaseModel):
    id: str = Field(examples=["aud_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    at: str = Field(examples=["2026-11-23T12:00:00.000Z"])
    actor: str = Field(
        description="The user who did it.", examples=["usr_06bq1c8d4h2m0t9k3v5r7n1p2s"]
    )
    action: str = Field(
        description="What was done, such as `key.created`.", examples=["key.created"]
    )
    target: str = Field(
        description="The id of what it was done to.", examples=["key_06bq1c8d4h2m0t9k3v5r7n1p2s"]
    )
    address: str = Field(description="The network address it came from.", examples=["203.0.113.7"])
    request: str = Field(
        description="The request's id, as `x-request-id` gave it.",
        examples=["req_06bq1c8d4h2m0t9k3v5r7n1p2s"],
    )


class AuditLog(BaseModel):
    data: list[AuditEntry]
    cursor: str | None = Field(description="Of the next page; null on the last.")
