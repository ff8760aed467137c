"""An account's buckets as this process remembers them: the cheapest thing to plan a hold from.

A memory decides nothing; the conditions of the hold do. It lasts a minute, so that a new grant is
spent before bought credit soon after it was given, and it is never what tells anybody 402.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from functions.inference.settings import settings
from sluice import clock, ledger
from sluice.errors import InsufficientCredit
from sluice.ledger import BucketShort, Leg, Snapshot
from sluice.table import Table

MEMORY_MS = 60_000
MEMORY_SIZE = 10_000

_remembered: OrderedDict[str, tuple[int, Snapshot]] = OrderedDict()


def ledger_table() -> Table:
    return Table(settings().ledger_table)


class Purse:
    """One account's snapshot while a hold is planned."""

    def __init__(self, account: str) -> None:
        self._account = account
        seen_ms, snapshot = _remembered.get(account, (0, None))
        if snapshot is None or clock.now_ms() - seen_ms > MEMORY_MS:
            snapshot = ledger.remember(ledger_table(), account)
            self._store(snapshot)
        self._snapshot = snapshot
        self._was_corrected = False

    @property
    def available_nanos(self) -> int:
        return ledger.available(self._snapshot)

    def plan(self, nanos: int) -> tuple[Leg, ...]:
        """Legs that pay `nanos`; raises InsufficientCredit only after an exact reading."""
        try:
            return ledger.plan(self._snapshot, nanos)
        except InsufficientCredit:
            if self._snapshot.exact:
                raise
        self._read()
        return ledger.plan(self._snapshot, nanos)

    def _read(self) -> None:
        self._snapshot = ledger.read(ledger_table(), self._account)
        self._store(self._snapshot)

    def correct(self, short: BucketShort) -> None:
        """Learn from a refused hold: first what it told of one bucket, then by reading them all,
        since every remembered grant may be wrong."""
        if self._was_corrected:
            self._read()
        else:
            self._was_corrected = True
            self._snapshot = self._snapshot.corrected(short.pk, short.available)

    def spend(self, legs: Sequence[Leg]) -> None:
        self._snapshot = self._snapshot.after(legs)
        seen_ms, _ = _remembered.get(self._account, (clock.now_ms(), None))
        _remembered[self._account] = (seen_ms, self._snapshot)

    def _store(self, snapshot: Snapshot) -> None:
        # What was exact is a memory to the next request.
        _remembered[self._account] = (clock.now_ms(), replace(snapshot, exact=False))
        if len(_remembered) > MEMORY_SIZE:
            _remembered.popitem(last=False)
