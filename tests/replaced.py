"""Time and randomness that a test owns, and the way back to a process that has seen nothing."""

import random
import sys
from threading import Lock
from types import ModuleType

from sluice import aws, clock, ids

NOON_MS = 1_795_608_000_000
"""2026-11-25T12:00:00Z, where a test's time starts."""
_KEPT = {"models.catalog", "sluice.catalog"}
"""Caches of what the repository itself says; rebuilding them teaches nothing and costs time."""


class ManualClock(clock.Clock):
    """Time moves when told to, and by as much as somebody sleeps."""

    def __init__(self, at_ms: int = NOON_MS) -> None:
        self.at_ms = at_ms
        self.slept_s = 0.0

    def now_ms(self) -> int:
        return self.at_ms

    def sleep(self, seconds: float) -> None:
        self.slept_s += seconds
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.at_ms += round(seconds * clock.MS_PER_S)


class SeededRandom(ids.Random):
    """The same tokens in the same order for the same seed, whichever thread asks."""

    def __init__(self, seed: int) -> None:
        self._source = random.Random(seed)  # repeatable on purpose
        self._lock = Lock()

    def token(self, size_bytes: int) -> bytes:
        with self._lock:
            return self._source.randbytes(size_bytes)


def forget_everything() -> None:
    """What a fresh process knows: no clients, settings, principals, secrets, snapshots."""
    aws.forget_clients()
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in {"sluice", "functions"} and name not in _KEPT:
            _forget(module)


def _forget(module: ModuleType) -> None:
    for name, value in list(vars(module).items()):
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if hasattr(value, "cache_clear"):
            value.cache_clear()
        elif name.startswith("forget_") and callable(value):
            value()
