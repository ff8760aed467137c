"""How much an account has had screened for nothing: one counter for each window, in the jobs table.

item     pk                              sk     ttl
counter  SCREENED#{account}#{s}#{n}      RATE   two windows

Screening costs the platform money, and a limit is what bounds it: like other rates it is never
given back.
"""

from dataclasses import dataclass
from typing import Final

from boto3.dynamodb.conditions import Attr

from functions.inference.settings import settings
from sluice import clock
from sluice.errors import RateLimited
from sluice.table import Table


@dataclass(frozen=True, slots=True)
class Window:
    seconds: int
    units: int


WINDOWS: Final = (Window(60, 120), Window(86_400, 1_000))
"""A unit is a begun thousand characters and costs about 0.0004 USD: at most 0.40 USD a day."""
KEPT_WINDOWS: Final = 2


def take(account: str, units: int) -> None:
    """Count `units`; raises RateLimited with the seconds until the window ends."""
    for window in WINDOWS:
        _take(account, units, window)


def _take(account: str, units: int, window: Window) -> None:
    now_s = clock.now_s()
    number, elapsed_s = divmod(now_s, window.seconds)
    Table(settings().jobs_table).update(
        f"SCREENED#{account}#{window.seconds}#{number}",
        "RATE",
        add={"taken": units},
        set_={"ttl": now_s + KEPT_WINDOWS * window.seconds},
        when=Attr("taken").not_exists() | Attr("taken").lte(window.units - units),
        refused=lambda old: RateLimited(
            f"Moderations are free for {window.units} units (1,000 characters each) in "
            f"{window.seconds} seconds; wait and try again.",
            retry_after_s=window.seconds - elapsed_s,
        ),
    ).send()
