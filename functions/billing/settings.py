"""The billing service's environment."""

from dataclasses import dataclass

from sluice.settings import load


@dataclass(frozen=True, slots=True)
class Settings:
    """A person's free grant is `free_grant_nanos` (0 for none), good for `free_grant_days`."""

    ledger_table: str
    accounts_table: str
    root_secret_id: str
    free_grant_nanos: int
    free_grant_days: int


def settings() -> Settings:
    return load(Settings)
