"""Jobs as the API shows and takes them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.inference.jobs.job import Job
from functions.inference.jobs.service import read_result
from functions.inference.results import links
from sluice import clock
from sluice.amount import Money

MAX_MODEL_CHARS = 128

type Status = Literal["accepted", "succeeded", "failed", "canceled", "expired", "blocked"]


class JobRequest(BaseModel):
    """A model and an input that fits its card's schema."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "model": "smollm2-135m",
                    "input": {"messages": [{"role": "user", "content": "Say hello."}]},
                }
            ]
        },
    )

    model: Annotated[str, Field(min_length=1, max_length=MAX_MODEL_CHARS)]
    input: dict[str, Any]


class JobPrice(BaseModel):
    """`held` is reserved at acceptance; `charged` is final once the job has ended."""

    version: int
    held: Money
    charged: Money | None


class JobError(BaseModel):
    code: str = Field(examples=["inference_failed"])
    message: str


class JobBody(BaseModel):
    """A job as it stands. `result` is the model's answer; files in it are signed links."""

    object: Literal["job"] = "job"
    id: str
    status: Status
    model: str
    task: str
    created_at: str
    deadline_at: str = Field(description="By then the job has ended, or expires uncharged.")
    ended_at: str | None
    price: JobPrice
    usage: Mapping[str, int] | None
    result: Mapping[str, Any] | None
    error: JobError | None
    clamped: Mapping[str, int] | None = Field(
        description="Bounds lowered to what the balance can pay, such as max_tokens."
    )
    policy: str = Field(description="The version of the content policy the job is screened by.")
    deleted: bool = Field(description="Input and result were deleted on request.")


class JobPage(BaseModel):
    data: list[JobBody]
    next_cursor: str | None


def show(job: Job, *, in_full: bool = True) -> JobBody:
    """`in_full` adds the result, which may need one read from S3; lists leave it out."""
    charged = None if job.charged_nanos is None else Money.of(job.charged_nanos)
    return JobBody(
        id=job.id,
        status=job.status,
        model=job.model,
        task=job.task,
        created_at=clock.iso(job.created_ms),
        deadline_at=clock.iso(job.deadline_ms),
        ended_at=None if job.ended_ms is None else clock.iso(job.ended_ms),
        price=JobPrice(
            version=job.prices["version"], held=Money.of(job.held_nanos), charged=charged
        ),
        usage=job.usage,
        result=_result(job) if in_full else None,
        error=None if job.error is None else JobError(**job.error),
        clamped=None if job.clamped_max_tokens is None else {"max_tokens": job.clamped_max_tokens},
        policy=job.policy,
        deleted=job.deleted,
    )


def _result(job: Job) -> Mapping[str, Any] | None:
    if job.file is None:
        return read_result(job)
    return {
        "image": {
            "url": links.sign(job.id, job.file.name),
            "content_type": job.file.content_type,
            "size_bytes": job.file.size_bytes,
            "width": job.file.width,
            "height": job.file.height,
        }
    }
