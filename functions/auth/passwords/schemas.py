"""What the routes of passwords take and answer."""

from typing import Literal

from pydantic import BaseModel, Field, SecretStr

from functions.auth import codes
from functions.auth.challenges.schemas import Solution
from functions.auth.passwords.rules import MAX_CHARS, MIN_CHARS
from functions.auth.users.schemas import Body, Email

NEW = "Any characters; refused only when it is among the most common."


class PasswordChange(Body):
    current_password: SecretStr = Field(
        min_length=1, max_length=MAX_CHARS, examples=["seven quiet llamas"]
    )
    password: SecretStr = Field(
        min_length=MIN_CHARS, max_length=MAX_CHARS, description=NEW, examples=["nine calm herons"]
    )


class ResetRequest(Body):
    email: Email
    challenge: Solution = None


class ResetRequested(BaseModel):
    status: Literal["reset_sent"] = "reset_sent"
    detail: str = "We wrote to this address; the mail says how to go on."


class PasswordReset(Body):
    email: Email
    code: str = Field(pattern=codes.PATTERN, examples=[codes.EXAMPLE])
    password: SecretStr = Field(
        min_length=MIN_CHARS, max_length=MAX_CHARS, description=NEW, examples=["nine calm herons"]
    )
