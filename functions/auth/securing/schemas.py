"""What securing an account answers."""

from pydantic import BaseModel, Field


class Secured(BaseModel):
    sessions_ended: int = Field(examples=[3])
    keys_ended: int = Field(
        description="How many had ended when this was answered; the rest follow within seconds.",
        examples=[2],
    )
    detail: str = "Set a new password with POST /v1/auth/password/reset; the old one has ended too."
