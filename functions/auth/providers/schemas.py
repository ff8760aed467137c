"""What the routes of providers take and answer."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from functions.auth.users.schemas import Acceptance, Attestation, Body

Path = Annotated[
    str,
    Field(
        max_length=500,
        pattern=r"^/([^/\\\x00-\x20\x7f][^\\\x00-\x20\x7f]*)?$",
        description="Where the browser goes in the end: a path of ours.",
        examples=["/playground"],
    ),
]


class Start(Body):
    return_to: Path = "/"


class StartForUser(Start):
    purpose: Literal["link", "step-up"] = Field(
        description="To link an identity to you takes a fresh session; to step up by one that is "
        "linked, any. Come back from a step-up, then ask for `POST /v1/auth/step-up` without a "
        "password, within five minutes."
    )


class Started(BaseModel):
    url: str = Field(
        description="Send the browser there, within ten minutes.",
        examples=["https://accounts.example.com/authorize?client_id=…"],
    )


class ProviderSignUp(Body):
    attestation: Attestation
    accept: Acceptance


class Provider(BaseModel):
    id: str = Field(examples=["google"])
    name: str = Field(examples=["Google"])


class Providers(BaseModel):
    data: list[Provider]
