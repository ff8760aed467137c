"""Rerank, in the shape that Jina's and Novita's clients share."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.inference.jobs.job import Job
from functions.inference.openai.schemas import CardRequest, Model, Strict, without_missing

MAX_DOCUMENTS = 1_000


class DocumentText(Strict):
    text: str


class RerankRequest(CardRequest):
    """Documents are texts, or objects with a `text`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"model": "my-model", "query": "red fruit", "documents": ["An apple.", "A tower."]}
            ]
        }
    )

    model: Model
    query: str
    documents: Annotated[list[str | DocumentText], Field(min_length=1, max_length=MAX_DOCUMENTS)]
    top_n: int | None = None
    return_documents: bool = True

    @property
    def texts(self) -> list[str]:
        return [given if isinstance(given, str) else given.text for given in self.documents]

    def as_input(self) -> dict[str, Any]:
        """The rerank task's input."""
        return without_missing({"query": self.query, "documents": self.texts, "top_n": self.top_n})


class RankedText(BaseModel):
    text: str


class Ranked(BaseModel):
    """`index` is the document's place in the request."""

    index: int
    relevance_score: float
    document: RankedText | None = None


class RerankUsage(BaseModel):
    search_documents: int = Field(description="What was charged for.")


class Rerank(BaseModel):
    id: str
    object: Literal["list"] = "list"
    model: str
    results: list[Ranked]
    usage: RerankUsage

    @classmethod
    def of(cls, job: Job, result: Mapping[str, Any], body: RerankRequest) -> Self:
        """The most relevant first."""
        found = sorted(result["results"], key=lambda entry: -entry["relevance_score"])
        texts = body.texts
        ranked = [
            Ranked(
                index=entry["index"],
                relevance_score=entry["relevance_score"],
                document=RankedText(text=texts[entry["index"]]) if body.return_documents else None,
            )
            for entry in found
        ]
        usage = RerankUsage(search_documents=(job.usage or {}).get("search_document", 0))
        return cls(id=job.id, model=job.model, results=ranked, usage=usage)
