"""What sign-up and verification take and answer."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from functions.auth.challenges.schemas import Solution
from functions.auth.passwords.rules import MAX_CHARS, MIN_CHARS
from functions.auth.users.mailbox import MAX_EMAIL_CHARS

Email = Annotated[
    str, Field(min_length=3, max_length=MAX_EMAIL_CHARS, examples=["ada@example.com"])
]


def _is_version(text: str) -> str:
    date.fromisoformat(text)
    return text


Version = Annotated[
    str, Field(min_length=10, max_length=10, examples=["2026-11-01"]), AfterValidator(_is_version)
]


class Body(BaseModel):
    """A field that we do not know is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid")


class Attestation(Body):
    age_or_authority: Literal[True] = Field(
        description="I am at least 18 years old, or may bind the legal entity that I sign up for."
    )


class Acceptance(Body):
    """The current versions, as `GET /v1/auth/documents` gives them."""

    terms: Version
    privacy: Version


class SignUp(Body):
    email: Email
    challenge: Solution = None
    password: SecretStr = Field(
        min_length=MIN_CHARS,
        max_length=MAX_CHARS,
        description="Any characters; refused only when it is among the most common.",
        examples=["seven quiet llamas"],
    )
    attestation: Attestation
    accept: Acceptance


class SignedUp(BaseModel):
    status: Literal["verification_sent"] = "verification_sent"
    detail: str = "We wrote to this address; enter the code from the mail."


class Verification(Body):
    email: Email
    code: str = Field(pattern=r"^[0-9]{8}$", examples=["40418823"])


class Verified(BaseModel):
    user: str = Field(examples=["usr_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    account: str = Field(examples=["acc_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    email: str = Field(examples=["ada@example.com"])


class Resend(Body):
    email: Email
