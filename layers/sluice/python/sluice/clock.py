"""The only source of time, so that tests and simulations own it."""

import time
from datetime import UTC, datetime

MS_PER_S = 1000


class Clock:
    """Wall time. A simulation replaces `current` with its own subclass."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


current: Clock = Clock()


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return current.now_ms()


def now_s() -> int:
    return now_ms() // MS_PER_S


def sleep(seconds: float) -> None:
    current.sleep(seconds)


def iso(ms: int) -> str:
    """`1764000000123` → `2025-11-24T16:00:00.123Z` (RFC 3339)."""
    at = datetime.fromtimestamp(ms / MS_PER_S, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
