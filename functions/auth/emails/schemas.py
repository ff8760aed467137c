"""What the change of an e-mail address takes and answers."""

from typing import Literal

from pydantic import BaseModel, Field

from functions.auth import codes
from functions.auth.users.schemas import Body, Email


class EmailChange(Body):
    email: Email


class EmailChangeAsked(BaseModel):
    status: Literal["confirmation_sent"] = "confirmation_sent"
    detail: str = "We wrote to the new address; enter the code from the mail."


class EmailConfirmation(Body):
    code: str = Field(pattern=codes.PATTERN, examples=[codes.EXAMPLE])


class EmailChanged(BaseModel):
    email: str = Field(examples=["ada@example.org"])
