"""The epoch of an account's buckets in the ledger table, whose keys stand in `sluice.ledger`."""

from functions.billing.settings import settings
from sluice import ledger
from sluice.table import Item, Table, Transaction


def find_balance(account: str) -> Item | None:
    return _table().find(ledger.balance_pk(account), "BUCKET")


def find_grant(grant: str) -> Item | None:
    return _table().find(ledger.grant_pk(grant), "BUCKET")


def open_at(account: str, epoch: int) -> None:
    """An account that has a balance raises Conflict."""
    ledger.open_account(_table(), account, epoch=epoch).send()


def raise_to(epoch: int, buckets: list[Item]) -> None:
    """Buckets that are there already, or further, raise Conflict."""
    Transaction().add(
        *(ledger.raise_epoch(_table(), bucket["pk"], epoch) for bucket in buckets)
    ).commit()


def _table() -> Table:
    return Table(settings().ledger_table)
