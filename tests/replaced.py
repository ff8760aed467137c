"""Time and randomness that a test owns, and the way back to a process that has seen nothing."""

import random
import secrets
import sys
from threading import Lock
from types import ModuleType

from sluice import aws, clock, ids
from sluice.table import TOKEN_BYTES

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
    """The same tokens in the same order for the same seed, whichever thread asks; except that the
    request tokens of transactions are new each time, since an emulator remembers them."""

    def __init__(self, seed: int) -> None:
        self._source = random.Random(seed)
        self._lock = Lock()

    def token(self, size_bytes: int) -> bytes:
        with self._lock:
            repeatable = self._source.randbytes(size_bytes)
        return secrets.token_bytes(size_bytes) if size_bytes == TOKEN_BYTES else repeatable


def forget_everything(*, keep_clients: bool = False) -> None:
    """What a fresh process knows: no clients, settings, principals, secrets, snapshots. Making
    clients is dear, so who starts thousands of processes may keep them."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] not in {"sluice", "functions"} or name in _KEPT:
            continue
        if not (keep_clients and module is aws):
            _forget(module)


def _forget(module: ModuleType) -> None:
    """Empty a module's caches: functions made by `functools.cache`, and private mutable mappings
    (a constant one is named in capitals)."""
    for name, value in list(vars(module).items()):
        if isinstance(value, dict) and name.startswith("_") and name.islower() and name[1] != "_":
            value.clear()
        elif getattr(value, "__module__", None) == module.__name__ and hasattr(
            value, "cache_clear"
        ):
            value.cache_clear()
