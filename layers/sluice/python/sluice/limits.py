"""What an account of a tier may ask of one model: how fast, how much at once, how much waiting.

Rates are multiples of the card's own `rate_per_minute`, which knows what the model can bear.
"""

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_TIER = "free"


@dataclass(frozen=True, slots=True)
class Limits:
    """`key_rate` and `account_rate` multiply the card's rate; `in_flight` jobs are at the model at
    a time, `waiting` more may queue behind them."""

    key_rate: int
    account_rate: int
    in_flight: int
    waiting: int


TIERS: Mapping[str, Limits] = {
    "free": Limits(key_rate=1, account_rate=2, in_flight=4, waiting=1_000),
    "standard": Limits(key_rate=5, account_rate=10, in_flight=8, waiting=10_000),
    "scale": Limits(key_rate=20, account_rate=40, in_flight=16, waiting=100_000),
}
MAX_IN_FLIGHT = max(limits.in_flight for limits in TIERS.values())
"""More would make an account's slots larger than the kilobyte that each write is billed by."""


def limits_of(tier: str) -> Limits:
    """The tier's limits; a name that is not known any more counts as the lowest tier."""
    return TIERS.get(tier, TIERS[DEFAULT_TIER])
