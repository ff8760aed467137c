"""Spend caps: how much may be held and spent under one name in one period, whatever the balance.

A cap counts in the transaction that holds and in the one that ends the hold, so that as many calls
fit under it as do, and none more. A hold that ends in the next month is counted in its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from boto3.dynamodb.conditions import Attr, ConditionBase

from sluice import clock
from sluice.errors import InsufficientCredit
from sluice.table import Table, Write

MONTH: Final = "month"


@dataclass(frozen=True, slots=True)
class Cap:
    """`pk` names the counter: whose it is, and of which period."""

    pk: str
    account: str
    limit_nanos: int


def cap_of(account: str, budget: Mapping[str, Any]) -> Cap:
    """A budget's cap as it counts now; `budget` is {id, nanos, period: month | total}. Months are
    UTC's."""
    return Cap(_pk(budget), account, budget["nanos"])


def find_used(table: Table, account: str, budget: Mapping[str, Any]) -> int:
    """What is held and spent under a budget in its present period."""
    item = table.find(_pk(budget), "CAP")
    return int(item["used"]) if item and item["account"] == account else 0


def _pk(budget: Mapping[str, Any]) -> str:
    now = datetime.fromtimestamp(clock.now_s(), UTC)
    period = f"{now:%Y-%m}" if budget["period"] == MONTH else "total"
    return f"CAP#{budget['id']}#{period}"


def take(table: Table, cap: Cap, nanos: int) -> Write:
    """Count a hold; beyond the limit it raises InsufficientCredit `budget_exhausted`."""
    fits: ConditionBase = Attr("used").lte(cap.limit_nanos - nanos)
    if nanos <= cap.limit_nanos:
        fits = Attr("used").not_exists() | fits
    return table.update(
        cap.pk,
        "CAP",
        set_={"account": cap.account},
        add={"used": nanos},
        when=fits,
        refused=lambda old: InsufficientCredit(
            "This would go beyond the budget of this key, or of the member who uses or made it; "
            "have it raised, or wait for the next month.",
            code="budget_exhausted",
        ),
    )


def give_back(table: Table, pk: str, nanos: int) -> Write:
    """What a hold that ends did not come to."""
    return table.update(pk, "CAP", add={"used": -nanos}, when=Attr("used").gte(nanos))
