"""What the routes of members take and answer."""

from typing import Literal

from pydantic import BaseModel, Field

from functions.auth.users.schemas import Body

GivenRole = Literal["admin", "developer", "billing", "viewer"]
"""What a member can be given; there is one owner, who makes another (`POST …/ownership`)."""


class Member(BaseModel):
    user: str = Field(examples=["usr_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    email: str = Field(examples=["ada@example.com"])
    role: Literal["owner", "admin", "developer", "billing", "viewer"]
    since: str = Field(examples=["2026-11-26T12:00:00.000Z"])


class Members(BaseModel):
    data: list[Member]


class NewRole(Body):
    role: GivenRole
