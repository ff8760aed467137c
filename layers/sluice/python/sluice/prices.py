"""What units cost. Prices are exact rationals (nanodollars per so many units); money is integers.

A hold rounds up and a charge rounds half to even, once, on the whole sum: so a charge never
exceeds the hold it settles, and no rounding happens twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from sluice.errors import InvalidInput

MAX_UNITS = 10**12
"""More of any unit than one request can mean; keeps sums inside DynamoDB's 38 digits."""


@dataclass(frozen=True, slots=True)
class Prices:
    """One model's price version: unit → nanodollars per unit."""

    version: int
    rates: Mapping[str, Fraction]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "Prices":
        """From a card: `{version, units: {unit: {nanos, per}}}`."""
        rates = {unit: Fraction(rate["nanos"], rate["per"]) for unit, rate in raw["units"].items()}
        return cls(raw["version"], rates)

    def worst_case_nanos(self, units: Mapping[str, int]) -> int:
        """What to hold before `units` at most are consumed."""
        return ceil(self._sum(units))

    def charge_nanos(self, units: Mapping[str, int]) -> int:
        """What `units` consumed cost."""
        return round(self._sum(units))

    def _sum(self, units: Mapping[str, int]) -> Fraction:
        """Raises InvalidInput for a unit without a price or a count that means nothing: what has
        no price cannot be called."""
        total = Fraction(0)
        for unit, count in units.items():
            if unit not in self.rates:
                raise InvalidInput(f"There is no price for {unit[:80]!r}.", code="unpriced_unit")
            if not 0 <= count <= MAX_UNITS:
                raise InvalidInput(f"{unit} must be between 0 and {MAX_UNITS}.")
            total += self.rates[unit] * count
        return total
