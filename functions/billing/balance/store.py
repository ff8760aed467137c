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
    table = Table(settings().ledger_table)
    balance = table.find(ledger.balance_pk(account), "BUCKET")
    if balance is None:
        return None, []
    keys = [(ledger.grant_pk(grant), "BUCKET") for grant in balance["grants"]]
    return balance, table.find_many(keys)
