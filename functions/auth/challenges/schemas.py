"""What the challenge's route answers, and where its solution goes."""

from typing import Annotated

from pydantic import BaseModel, Field

Solution = Annotated[
    str | None,
    Field(
        max_length=2048,
        description="Of the challenge, where one is asked for (`challenge_required`).",
        examples=[None],
    ),
]


class Challenge(BaseModel):
    site_key: str | None = Field(
        description="For the widget; null where nobody is challenged.",
        examples=["1x00000000000000000000AA"],
    )
    script: str | None = Field(
        description="Where the widget's script is; null where nobody is challenged.",
        examples=["https://challenges.cloudflare.com/turnstile/v0/api.js"],
    )
