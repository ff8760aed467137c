"""What an `Idempotency-Key` made, where the thing that is made cannot be its own guard: an item of
the jobs table, put in the very transaction that makes the thing. The key table is in
`jobs/store.py`.

It outlives what was made, so that a repetition never makes it again, nor shows its secret again.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.inference.settings import settings
from sluice import clock, ids
from sluice.errors import IdempotencyMismatch
from sluice.table import Item, Table, Write, absent

TTL_S = 30 * 24 * 3600
_MISMATCH = "This Idempotency-Key was used with another body; use a new key for a new request."


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that makes something: its `route` is the path as it was called, `body` what of it
    must be the same when it comes again."""

    account: str
    route: str
    key: str | None
    body: Any = None

    @property
    def id(self) -> str:
        return ids.derive("once", self.account, self.route, self.key or "")

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.body, sort_keys=True).encode()).hexdigest()

    def remember(self, made: str) -> list[Write]:
        """Beside the write that makes the thing of this id; nothing without a key. Raises
        MadeBefore."""
        if self.key is None:
            return []
        item = {"pk": f"ONCE#{self.id}", "sk": "ONCE", "made": made, "digest": self.digest}
        expires = {"ttl": clock.now_s() + TTL_S}
        return [
            _table().put(item | expires, when=absent(), refused=lambda old: MadeBefore(old or {}))
        ]


class MadeBefore(Exception):
    """A request with the same key made it meanwhile: `item` says what."""

    def __init__(self, item: Item) -> None:
        super().__init__(item.get("made"))
        self.item = item


def _table() -> Table:
    return Table(settings().jobs_table)


def once[T](asked: Asked, make: Callable[[], T], again: Callable[[str], T]) -> tuple[T, bool]:
    """What `make` makes, which puts `asked.remember(id)`; or, where a request with the same key
    made it before, what `again` gives for its id, and True. Raises IdempotencyMismatch for another
    body. What `make` refuses is not remembered."""
    item = _table().find(f"ONCE#{asked.id}", "ONCE") if asked.key is not None else None
    if item is None:
        try:
            return make(), False
        except MadeBefore as before:
            item = before.item
    if item["digest"] != asked.digest:
        raise IdempotencyMismatch(_MISMATCH)
    return again(item["made"]), True
