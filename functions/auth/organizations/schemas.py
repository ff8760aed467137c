"""What the routes of organizations take and answer."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from functions.auth.users.schemas import Body

Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=60,
        pattern=r"^[^\x00-\x1f\x7f<>/]+$",
        description="It stands in mails to people who are invited, so it may hold no address.",
        examples=["Analytical Engines"],
    ),
]


class NewOrganization(Body):
    name: Name
    from_own_account: bool = Field(
        default=False,
        strict=True,
        description="Turn your own account into it, with its credit, keys and jobs. You get a new "
        "account of your own, empty. This cannot be undone.",
    )


class Renaming(Body):
    name: Name


class Suspension(BaseModel):
    reason: str = Field(examples=["Spam; see case 12."])
    since: str = Field(examples=["2026-11-26T12:00:00.000Z"])


class Account(BaseModel):
    id: str = Field(examples=["acc_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    kind: Literal["personal", "organization"]
    name: str | None = Field(examples=["Analytical Engines"])
    role: Literal["owner", "admin", "developer", "billing", "viewer"] = Field(
        description="Yours in it."
    )
    own: bool = Field(description="Whether requests act for it that name no account.")
    owner: str = Field(description="A user.", examples=["usr_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    created_at: str = Field(examples=["2026-11-26T12:00:00.000Z"])
    suspended: Suspension | None = Field(
        description="Why, where the account may only read.", examples=[None]
    )


class Accounts(BaseModel):
    data: list[Account]


class SecuredOrganization(BaseModel):
    keys_ended: int = Field(
        description="How many had ended when this was answered; the rest follow within seconds.",
        examples=[2],
    )
