"""What a report of leaked keys says."""

from typing import Annotated

from pydantic import BaseModel, Field

from functions.auth.users.schemas import Body
from sluice.principal import MAX_CREDENTIAL_CHARS

MAX_KEYS = 100


class Report(Body):
    keys: list[
        Annotated[
            str,
            Field(
                max_length=MAX_CREDENTIAL_CHARS,
                examples=["sk_0kWq7ZxYh2Jp5sT9vB3nM6cD8fG1aQ4rE7uW2xZ"],
            ),
        ]
    ] = Field(min_length=1, max_length=MAX_KEYS, description="As they were found.")


class Received(BaseModel):
    received: int = Field(description="How many were reported; not how many live.", examples=[1])
