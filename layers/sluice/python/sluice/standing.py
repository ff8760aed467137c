"""How far back an account's word reaches: what was set going for it before it was secured, or
closed, is not its owner's word any more, even where no credential is asked for."""

from dataclasses import dataclass

from sluice.settings import load
from sluice.table import Table

SETTLING_MS = 5_000
"""For so long a process may still act by what it remembers of a credential that has ended."""


@dataclass(frozen=True, slots=True)
class StandingSettings:
    accounts_table: str


def distrusted_until_ms(account: str) -> int:
    """What was asked in the account's name up to this moment counts no more; 0 when all does. One
    consistent read."""
    table = Table(load(StandingSettings).accounts_table)
    item = table.find(f"ACCOUNT#{account}", "ACCOUNT")
    secured_ms = item.get("secured_ms") if item else None
    return 0 if secured_ms is None else int(secured_ms) + SETTLING_MS
