"""What sign-in and the routes of sessions take and answer."""

from typing import Literal

from pydantic import BaseModel, Field, SecretStr

from functions.auth.challenges.schemas import Solution
from functions.auth.documents.schemas import Document
from functions.auth.factors.schemas import SecondFactor
from functions.auth.passwords.rules import MAX_CHARS
from functions.auth.users.schemas import Body, Email


class SignIn(Body):
    email: Email
    password: SecretStr = Field(min_length=1, max_length=MAX_CHARS, examples=["seven quiet llamas"])
    challenge: Solution = None


class SignedIn(BaseModel):
    user: str = Field(examples=["usr_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    account: str = Field(examples=["acc_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    expires_at: str = Field(
        description="When the session ends however much it is used (RFC 3339).",
        examples=["2026-11-30T12:00:00.000Z"],
    )
    documents_due: list[Document] = Field(
        description="What is to be accepted with `POST /v1/auth/documents/accept`.", examples=[[]]
    )
    closes_at: str | None = Field(
        default=None,
        description="When the account closes, if that was asked for; until then it may be kept.",
        examples=[None],
    )


class SecondFactorAsked(BaseModel):
    """No session yet: prove a second factor with `POST /v1/auth/sign-in/second-factor`."""

    second_factor: list[Literal["passkey", "recovery_code", "totp"]] = Field(
        description="Any of these will do.", examples=[["recovery_code", "totp"]]
    )
    expires_at: str = Field(
        description="Until when (RFC 3339).", examples=["2026-11-23T12:05:00.000Z"]
    )


class StepUp(Body):
    """The password, and of a user with second factors one of those; a passkey alone will do."""

    password: SecretStr | None = Field(
        default=None, min_length=1, max_length=MAX_CHARS, examples=["seven quiet llamas"]
    )
    second_factor: SecondFactor | None = None


class Fresh(BaseModel):
    fresh_until: str = Field(
        description="Until when no other proof is asked for (RFC 3339).",
        examples=["2026-11-23T12:30:00.000Z"],
    )


class OpenSession(BaseModel):
    id: str = Field(examples=["ses_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    device: str = Field(
        description="What the browser called itself, or `unknown`.", examples=["Firefox on Linux"]
    )
    network: str = Field(
        description="Where it was opened, coarsely.", examples=["203.0.113.0/24", "unknown"]
    )
    created_at: str = Field(examples=["2026-11-23T12:00:00.000Z"])
    used_at: str = Field(
        description="Of its last `GET /v1/auth/whoami`, within five minutes.",
        examples=["2026-11-23T12:00:00.000Z"],
    )
    expires_at: str = Field(
        description="When it ends unless it is used before.", examples=["2026-11-24T00:00:00.000Z"]
    )
    current: bool = Field(description="Whether it is the one that asks.", examples=[True])


class Sessions(BaseModel):
    data: list[OpenSession]


class Ended(BaseModel):
    ended: int = Field(description="How many sessions were ended.", examples=[2])
