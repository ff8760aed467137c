"""A job's way so far, as the API shows it."""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, Field

from functions.inference.jobs.job import Job
from sluice import clock
from sluice.amount import Money

type EventName = Literal["accepted", "queued", "dispatched", "ended", "billed"]


class TimelineEvent(BaseModel):
    """`dispatched` is when the job got its slot and was sent to its model; SageMaker does not tell
    when it begins to run."""

    event: EventName
    at: str
    position: int | None = Field(
        default=None,
        description="While queued: how many are before it, and itself; null when many.",
    )
    status: str | None = Field(default=None, description="How it ended.")
    charged: Money | None = Field(default=None, description="What was billed.")


class Timeline(BaseModel):
    data: list[TimelineEvent]


def events_of(job: Job, position: int | None) -> list[TimelineEvent]:
    """`position` is the job's in its queue, if it waits."""
    return list(_events(job, position))


def _events(job: Job, position: int | None) -> Iterator[TimelineEvent]:
    accepted = clock.iso(job.created_ms)
    yield TimelineEvent(event="accepted", at=accepted)
    if job.queued:
        yield TimelineEvent(event="queued", at=accepted, position=position)
    if _was_sent(job):
        yield TimelineEvent(event="dispatched", at=clock.iso(job.sent_ms))
    if job.ended_ms is not None:
        ended = clock.iso(job.ended_ms)
        yield TimelineEvent(event="ended", at=ended, status=job.status)
        if job.charged_nanos:
            yield TimelineEvent(event="billed", at=ended, charged=Money.of(job.charged_nanos))


def _was_sent(job: Job) -> bool:
    """Not while it waits, nor if it never got a slot, nor if its input was blocked."""
    got_a_slot = job.started_ms is not None or not job.queued
    return got_a_slot and (job.status != "blocked" or "output" in job.verdicts)
