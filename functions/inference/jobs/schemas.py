"""Jobs as the API shows and takes them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.inference.flow.outlook import UNKNOWN, Outlook
from functions.inference.jobs.job import Job, Priority
from functions.inference.jobs.service import read_result
from functions.inference.jobs.shown import file_result, shown
from functions.inference.jobs.submission import Order
from functions.inference.webhooks.kinds import EVENTS, EventType, JobWebhook
from functions.inference.webhooks.target import MAX_URL_CHARS
from sluice.amount import Money

MAX_MODEL_CHARS = 128

MIN_DEADLINE_S, MAX_DEADLINE_S = 10, 12 * 3600

type Status = Literal["accepted", "queued", "succeeded", "failed", "canceled", "expired", "blocked"]


class JobWebhookRequest(BaseModel):
    """Where this job's end is told, signed with the account's default secret."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[
        str, Field(min_length=1, max_length=MAX_URL_CHARS, examples=["https://example.com/hooks"])
    ]
    events: Annotated[list[EventType], Field(max_length=len(EVENTS))] = Field(
        default=[], description="Which ends are told; all of them when empty."
    )

    def wish(self) -> JobWebhook:
        return JobWebhook(self.url, tuple(sorted(set(self.events))))


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
    webhook: JobWebhookRequest | None = None
    priority: Priority = Field(
        default="normal", description="Which of the account's own waiting jobs goes first."
    )
    deadline_s: Annotated[int, Field(ge=MIN_DEADLINE_S, le=MAX_DEADLINE_S, strict=True)] | None = (
        Field(default=None, description="By then the job has ended, or expires uncharged.")
    )

    def order(self, route: str, idempotency_key: str | None) -> Order:
        return Order(
            self.model,
            self.input,
            route,
            idempotency_key,
            self.webhook.wish() if self.webhook else None,
            priority=self.priority,
            deadline_s=self.deadline_s,
        )


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
    queue_position: int | None = Field(
        description="While it is queued: 1 is the next. Told when one job is asked for."
    )
    eta_s: int | None = Field(
        description="About how many seconds to its end: an estimate by the model's `typical_s` "
        "and `wake_s` and by what of yours is before it, as if you were alone there. Told when one "
        "job is asked for; null when nobody knows, or it takes longer than usual."
    )
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


def show(job: Job, *, in_full: bool = True, outlook: Outlook = UNKNOWN) -> JobBody:
    """`in_full` adds the result, which may need one read from S3; lists leave it out."""
    result = (file_result(job) or read_result(job)) if in_full else None
    return JobBody(**shown(job, result, outlook))
