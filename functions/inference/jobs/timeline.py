"""A job's way so far, as the API shows it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from functions.inference.jobs.job import Job
from functions.inference.webhooks.delivery import Delivery, State
from sluice import clock
from sluice.amount import Money

type EventName = Literal[
    "accepted",
    "queued",
    "dispatched",
    "ended",
    "billed",
    "delivering",
    "delivered",
    "undelivered",
]
NAMES: Final[Mapping[State, EventName]] = {
    "pending": "delivering",
    "delivered": "delivered",
    "failed": "undelivered",
}


class TimelineDelivery(BaseModel):
    """How the job's end was told to one receiver: after how many `attempts` (of the latest twenty),
    and what the last of them met. `GET /v1/inference/deliveries/{id}` tells of each."""

    id: str
    webhook: str | None
    url: str | None = Field(description="Of the job's own webhook.")
    attempts: int
    status: int | None = Field(description="What the receiver answered last.")
    error: str | None = Field(description="What prevented an answer.", examples=["timeout"])
    reason: str | None = Field(description="Why it was given up.", examples=["exhausted"])
    next_attempt_at: str | None


class TimelineEvent(BaseModel):
    """`dispatched` is when the job got its slot and was sent to its model; SageMaker does not tell
    when it begins to run. Each receiver that is told of the end has one event, of its last attempt:
    `delivering` while there will be another, then `delivered`, or `undelivered` once given up."""

    event: EventName
    at: str
    position: int | None = Field(
        default=None,
        description="While queued: how many are before it, and itself; null when many.",
    )
    status: str | None = Field(default=None, description="How it ended.")
    charged: Money | None = Field(default=None, description="What was billed.")
    delivery: TimelineDelivery | None = Field(default=None, description="To whom it was told.")


class Timeline(BaseModel):
    data: list[TimelineEvent]


def events_of(
    job: Job, position: int | None, deliveries: Sequence[Delivery]
) -> list[TimelineEvent]:
    """`position` is the job's in its queue, if it waits."""
    told = sorted(map(_told, deliveries), key=lambda event: event.at)
    return [*_events(job, position), *told]


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


def _told(delivery: Delivery) -> TimelineEvent:
    last: Mapping[str, Any] = delivery.attempts[-1] if delivery.attempts else {}
    is_pending = delivery.state == "pending"
    return TimelineEvent(
        event=NAMES[delivery.state],
        at=clock.iso(last.get("at_ms", delivery.event_ms)),
        delivery=TimelineDelivery(
            id=delivery.id,
            webhook=delivery.webhook,
            url=delivery.url,
            attempts=len(delivery.attempts),
            status=last.get("status"),
            error=last.get("error"),
            reason=delivery.reason,
            next_attempt_at=clock.iso(delivery.due_ms) if is_pending else None,
        ),
    )
