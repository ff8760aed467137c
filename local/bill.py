"""An account's bill, added up from its own statement, as its owner would check it."""

from dataclasses import dataclass
from typing import Final

from local.client import Client
from local.main_job import check

MAX_PAGES: Final = 100


@dataclass(frozen=True, slots=True)
class Bill:
    """An account's money, added up from its statement."""

    granted_nanos: int
    charged_nanos: int
    available_nanos: int
    held_nanos: int


def add_up(client: Client) -> Bill:
    """Raises CheckFailed unless what was given, less what was charged, is what is left."""
    granted = charged = 0
    cursor = ""
    for _ in range(MAX_PAGES):
        page = client.call("GET", f"/v1/billing/lines?limit=50{cursor}")
        for line in page["data"]:
            nanos = int(line["amount"]["nanos"])
            granted, charged = granted + max(nanos, 0), charged - min(nanos, 0)
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    balance = client.call("GET", "/v1/billing/balance")
    bill = Bill(granted, charged, int(balance["available"]["nanos"]), int(balance["held"]["nanos"]))
    check(
        bill.granted_nanos - bill.charged_nanos == bill.available_nanos + bill.held_nanos,
        f"the bill does not add up: {bill}",
    )
    return bill
