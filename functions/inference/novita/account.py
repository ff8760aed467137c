"""The caller's credit and limits in the family's shapes: integers of 1/10000 USD, mostly as text.

A unit is 100,000 nanodollars. What one has is rounded down to it and what is reserved up, so that
nobody is shown credit that is not there; `/v1/billing/balance` tells exactly.
"""

from functions.inference.jobs.purse import ledger_table
from functions.inference.novita.answers import NovitaBalance, NovitaUser
from sluice import clock, ledger
from sluice.money import NANOS_PER_USD
from sluice.principal import Principal
from sluice.table import Item

UNITS_PER_USD = 10_000
NANOS_PER_UNIT = NANOS_PER_USD // UNITS_PER_USD
NO_CREDIT_LINE = "0"


def show_user(caller: Principal) -> NovitaUser:
    """Credit is what there is instead of free trials by API."""
    bought, granted, _ = _nanos(caller.account)
    return NovitaUser(credit_balance=_down(bought + granted), free_trial={}, allow_features=[])


def show_balance(caller: Principal) -> NovitaBalance:
    bought, granted, held = _nanos(caller.account)
    return NovitaBalance(
        available_balance=str(_down(bought + granted)),
        cash_balance=str(_down(bought)),
        credit_limit=NO_CREDIT_LINE,
        pending_charges=str(-_down(-held)),
        outstanding_invoices=NO_CREDIT_LINE,
    )


def _nanos(account: str) -> tuple[int, int, int]:
    """What is bought and available, given and available, and held."""
    balance, grants = ledger.find_buckets(ledger_table(), account)
    if balance is None:
        return 0, 0, 0
    held = balance["held"] + sum(grant["held"] for grant in grants)
    if balance["frozen"]:
        return 0, 0, int(held)
    granted = sum(grant["available"] for grant in grants if _is_live(grant))
    return int(balance["available"]), int(granted), int(held)


def _is_live(grant: Item) -> bool:
    return bool(grant["status"] == "active" and grant["expires_ms"] > clock.now_ms())


def _down(nanos: int) -> int:
    return nanos // NANOS_PER_UNIT
