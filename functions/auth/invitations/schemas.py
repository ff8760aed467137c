"""What the routes of invitations take and answer."""

from pydantic import BaseModel, Field

from functions.auth.members.schemas import GivenRole
from functions.auth.users.mailbox import MAX_EMAIL_CHARS
from functions.auth.users.schemas import Body

MAX_TOKEN_CHARS = 64


class NewInvitation(Body):
    email: str = Field(max_length=MAX_EMAIL_CHARS, examples=["grace@example.com"])
    role: GivenRole


class Invitation(BaseModel):
    id: str = Field(examples=["inv_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    email: str = Field(examples=["grace@example.com"])
    role: GivenRole
    invited_by: str = Field(description="A user.", examples=["usr_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    created_at: str = Field(examples=["2026-11-26T12:00:00.000Z"])
    expires_at: str = Field(examples=["2026-12-03T12:00:00.000Z"])


class Invitations(BaseModel):
    data: list[Invitation]


class Acceptance(Body):
    token: str = Field(
        description="From the mail.",
        max_length=MAX_TOKEN_CHARS,
        examples=["9sHhGxkqv0bqY2Jp7dRr1mTzW4cN8eLa"],
    )
