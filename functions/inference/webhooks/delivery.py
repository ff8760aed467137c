"""A delivery: one event on its way to one receiver, and the lane it waits in.

pending → delivered | failed; by hand from either back to pending.

A lane is what waits for one receiver: for a webhook of the account, or for the host to which its
single jobs send. A lane has one worker at a time, and lanes are worked side by side, so no receiver
waits for another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from functions.inference.webhooks.kinds import Family
from sluice import clock, ids

type State = Literal["pending", "delivered", "failed"]

HOUR_S: Final = 3_600
WAITS_S: Final = (
    *(5, 5 * 60, 30 * 60),
    *(2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S, 14 * HOUR_S, 20 * HOUR_S, 24 * HOUR_S),
)
"""Between the first attempt, made at once, and each next one: 75 hours and 35 minutes in all."""
MAX_TRIES: Final = len(WAITS_S) + 1
SCHEDULE_S: Final = sum(WAITS_S)
MAX_RETRY_AFTER_S: Final = 24 * HOUR_S
JITTER_PARTS: Final = 10
"""A wait is prolonged by up to a tenth, so that what failed together does not come together."""
MAX_SHOWN_ATTEMPTS: Final = 20
RANDOM_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Delivery:
    """`webhook` is the account's one that it is for; without one it goes to the job's own `url`.
    `event_ms` is when it happened, `tries` counts since it was last made pending. `attempts` are
    {at_ms, duration_ms, status, error, response}, the newest last, `reason` why it failed.
    `sample` is what a test event of a compatible family tells of a job that never was; `asked_ms`
    is when it was last sent again by hand."""

    id: str
    account: str
    lane: str
    event: str
    event_ms: int
    due_ms: int
    job: str | None = None
    webhook: str | None = None
    url: str | None = None
    family: Family = "sluice"
    state: State = "pending"
    tries: int = 0
    attempts: tuple[Mapping[str, Any], ...] = ()
    reason: str | None = None
    sample: Mapping[str, str] | None = None
    asked_ms: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """`pending` deliveries wait in it. `arrivals` counts all that ever did, so that one that came
    during a run is noticed. `strikes` are runs in a row that found the receiver out of order."""

    id: str
    account: str
    pending: int
    arrivals: int
    lease: str
    webhook: str | None = None
    strikes: int = 0
    failing_since_ms: int | None = None


@dataclass(frozen=True, slots=True)
class LaneLeft:
    """How a run leaves its lane: so many deliveries `ended`, the next is due at `due_ms` unless
    none is left, and nothing is sent before `rests_until_ms`."""

    ended: int
    due_ms: int | None
    strikes: int = 0
    rests_until_ms: int = 0
    failing_since_ms: int | None = None


def next_try_ms(tries: int, retry_after_s: int | None) -> int | None:
    """When to try again after the `tries`-th failure; None when that was the last."""
    if tries >= MAX_TRIES:
        return None
    wait_s = WAITS_S[tries - 1]
    asked_s = min(retry_after_s or 0, MAX_RETRY_AFTER_S)
    most_ms = wait_s * clock.MS_PER_S // JITTER_PARTS
    drawn_ms = int.from_bytes(ids.token(RANDOM_BYTES), "big") % (most_ms + 1)
    return clock.now_ms() + max(wait_s, asked_s) * clock.MS_PER_S + drawn_ms
