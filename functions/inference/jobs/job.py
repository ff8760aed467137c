"""A job: one inference request, from acceptance to a terminal state.

accepted → succeeded | failed | canceled | expired | blocked

While it is `accepted` it may wait in its account's queue for a slot at the model; whoever looks is
then told `queued`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from functions.inference.webhooks.kinds import JobWebhook
from sluice.ledger import Leg

OPEN = "accepted"
QUEUED = "queued"
"""What an open job that waits is called; it is never stored."""
ENDED = frozenset({"succeeded", "failed", "canceled", "expired", "blocked"})

type Priority = Literal["high", "normal", "low"]
RANKS: Mapping[Priority, int] = {"high": 0, "normal": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A produced file, kept under `results/` in the files bucket. Pictures have a size in pixels
    and, when they were sampled, the seed that makes them again; sound has a duration."""

    name: str
    content_type: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
    seed: int | None = None

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. Times are milliseconds since the epoch, money nanodollars.

    `input` is what the model's container will get, kept here when small; otherwise it is at
    `inputs/` in the files bucket. `attempt_id` names the plan that created the job, so that a
    lost answer can be told from a lost request. `prices` are the card's at acceptance: what was
    held by them is charged by them. `caps` are the counters of budgets that the hold was counted
    in. `facts` are what its task must know of the input to count what was consumed; `door` is what
    a compatible family must know to show the job as that family does. `verdicts` are moderation's,
    by stage (input, output). A result is `files`, or JSON: as `result` while it is small, else in
    the file `result_name`.

    `deadline_s` is the caller's own, if any. `queued` says that it had to wait for a slot, which it
    got at `started_ms`; it keeps the slot, and counts as in flight, until `slot_until_ms` at the
    latest.
    """

    id: str
    account: str
    credential: str
    model: str
    task: str
    status: str
    created_ms: int
    deadline_ms: int
    body_hash: str
    attempt_id: str
    legs: tuple[Leg, ...]
    prices: Mapping[str, Any]
    policy: str
    caps: tuple[str, ...] = ()
    facts: Mapping[str, int] = field(default_factory=dict)
    input: str | None = None
    clamped_max_tokens: int | None = None
    dispatches: int = 0
    lease_until_ms: int = 0
    ended_ms: int | None = None
    charged_nanos: int | None = None
    usage: Mapping[str, int] | None = None
    result: str | None = None
    result_name: str | None = None
    files: tuple[ResultFile, ...] = ()
    error: Mapping[str, str] | None = None
    verdicts: Mapping[str, Any] = field(default_factory=dict)
    deleted: bool = False
    webhook: JobWebhook | None = None
    door: Mapping[str, Any] = field(default_factory=dict)
    priority: Priority = "normal"
    deadline_s: int | None = None
    queued: bool = False
    started_ms: int | None = None
    slot_until_ms: int | None = None

    @property
    def held_nanos(self) -> int:
        return sum(leg.nanos for leg in self.legs)

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED

    @property
    def is_waiting(self) -> bool:
        """Whether it has a place in the queue."""
        return self.queued and self.started_ms is None and not self.has_ended

    @property
    def shown_status(self) -> str:
        return QUEUED if self.is_waiting else self.status

    @property
    def place(self) -> str:
        """Its place in the queue: by priority, then by age."""
        return f"{RANKS[self.priority]}#{self.created_ms:013d}#{self.id}"

    @property
    def sent_ms(self) -> int:
        """When it got its slot, and was sent to its model for the first time."""
        return self.created_ms if self.started_ms is None else self.started_ms
