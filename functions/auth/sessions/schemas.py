"""What sign-in takes and answers."""

from pydantic import BaseModel, Field, SecretStr

from functions.auth.users.passwords import MAX_CHARS
from functions.auth.users.schemas import Body, Email


class SignIn(Body):
    email: Email
    password: SecretStr = Field(min_length=1, max_length=MAX_CHARS, examples=["seven quiet llamas"])


class SignedIn(BaseModel):
    user: str = Field(examples=["usr_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    account: str = Field(examples=["acc_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    expires_at: str = Field(
        description="When the session ends however much it is used (RFC 3339).",
        examples=["2026-11-30T12:00:00.000Z"],
    )
