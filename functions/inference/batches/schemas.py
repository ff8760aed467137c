"""Batches as the API takes and shows them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SkipValidation

from functions.inference.batches.service import MAX_ORDERS
from functions.inference.jobs.schemas import JobBody, JobRequest
from sluice.http import Problem


class BatchRequest(BaseModel):
    """Jobs as they would be submitted one by one. Each is looked at for itself, so that one which
    cannot be read spoils none of the others."""

    model_config = ConfigDict(extra="forbid")

    jobs: Annotated[
        list[Annotated[JobRequest, SkipValidation]], Field(min_length=1, max_length=MAX_ORDERS)
    ]


class BatchEntry(BaseModel):
    """What became of one order: `job`, or the `problem` that it would have met alone."""

    index: int
    status: int = Field(description="What the order alone would have been answered with.")
    replayed: bool
    job: JobBody | None
    problem: Problem | None


class BatchBody(BaseModel):
    """One entry for each order, in their order."""

    object: Literal["batch"] = "batch"
    data: list[BatchEntry]
