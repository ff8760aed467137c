"""What the documents' routes answer."""

from pydantic import BaseModel, Field


class Document(BaseModel):
    document: str = Field(examples=["terms"])
    version: str = Field(
        description="The policy date; sign-up must accept exactly this one.",
        examples=["2026-11-01"],
    )


class Documents(BaseModel):
    data: list[Document]
