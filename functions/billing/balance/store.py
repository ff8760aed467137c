"""An account's buckets in the ledger table, whose keys stand in `sluice.ledger`.

item      pk                        sk
balance   BAL#{account}#{stripe}    BUCKET     names the account's grants
grant     GRANT#{grant}             BUCKET
"""

from functions.billing.settings import settings
from sluice import ledger
from sluice.table import Item, Table


def find_buckets(account: str) -> tuple[Item | None, list[Item]]:
    """The balance, None before the account has one, and its grants, as they stand."""
    return ledger.find_buckets(Table(settings().ledger_table), account)
