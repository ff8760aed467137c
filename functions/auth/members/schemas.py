"""What the routes of members take and answer."""

from typing import Literal

from pydantic import BaseModel, Field

from functions.auth.keys.schemas import Budget
from functions.auth.users.schemas import Body

GivenRole = Literal["admin", "developer", "billing", "viewer"]
"""What a member can be given; there is one owner, who makes another (`POST …/ownership`)."""


class Member(BaseModel):
    user: str = Field(examples=["usr_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    email: str = Field(examples=["ada@example.com"])
    role: Literal["owner", "admin", "developer", "billing", "viewer"]
    budget: Budget | None = Field(
        description="What the member, and the keys that the member made, may spend together.",
        examples=[None],
    )
    since: str = Field(examples=["2026-11-26T12:00:00.000Z"])


class Members(BaseModel):
    data: list[Member]


class MemberChange(Body):
    """What is left out stays as it is."""

    role: GivenRole | None = Field(default=None, description="Another role.")
    budget: Budget | None = Field(
        default=None,
        description="What the member, and the keys that the member made, may spend together; null "
        "for all that the account has.",
    )
