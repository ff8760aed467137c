"""What whoami answers."""

from typing import Literal

from pydantic import BaseModel, Field


class Whoami(BaseModel):
    kind: Literal["key", "session"]
    credential: str = Field(
        description="The key's or session's id.", examples=["key_06bq1c8d4h2m0t9k3v5r7n1p2s"]
    )
    user: str = Field(examples=["usr_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    account: str = Field(examples=["acc_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    scopes: list[str] = Field(
        description="What it may do.", examples=[["billing:read", "content:read", "inference"]]
    )
