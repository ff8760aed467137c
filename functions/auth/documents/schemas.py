"""What the documents' routes take and answer."""

from pydantic import BaseModel, Field

from sluice import clock, documents


class Document(BaseModel):
    document: str = Field(examples=["terms"])
    version: str = Field(
        description="The policy date; sign-up must accept exactly this one.",
        examples=["2026-11-01"],
    )
    effective_at: str = Field(
        description="From when on those who accepted an earlier version may only read (RFC 3339).",
        examples=["2026-11-01T00:00:00.000Z"],
    )

    @classmethod
    def of(cls, document: documents.Document) -> "Document":
        return cls(
            document=document.name,
            version=document.version,
            effective_at=clock.iso(document.effective_ms),
        )


class Documents(BaseModel):
    data: list[Document]


class Accepted(BaseModel):
    document: str = Field(examples=["terms"])
    version: str = Field(examples=["2026-11-01"])
    accepted_at: str = Field(examples=["2026-11-26T12:00:00.000Z"])
    address: str = Field(description="From where.", examples=["192.0.2.7"])


class Acceptances(BaseModel):
    data: list[Accepted]
