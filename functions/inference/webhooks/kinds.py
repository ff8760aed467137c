"""What webhooks tell of, and what a job says of its own webhook."""

from dataclasses import dataclass
from typing import Literal, get_args

type EventType = Literal[
    "job.succeeded", "job.failed", "job.canceled", "job.expired", "job.blocked"
]
EVENTS: tuple[EventType, ...] = get_args(EventType.__value__)
TEST_EVENT = "webhook.test"

type Family = Literal["sluice", "novita"]
"""Whose shape a body has: the one of the door through which the job came."""


@dataclass(frozen=True, slots=True)
class JobWebhook:
    """Where one job's end is told. An empty `events` means all of them."""

    url: str
    events: tuple[str, ...] = ()
    family: Family = "sluice"

    def wants(self, event: str) -> bool:
        return not self.events or event in self.events
