"""An account that was secured: no credential from before holds its credit any more."""

from functions.billing.epochs import store
from sluice.errors import Conflict, Unavailable
from sluice.log import logger
from sluice.table import Item

MAX_PLANS = 4
"""Each plan that is refused found another's done."""


def secure(account: str, epoch: int) -> None:
    """Raise the account's balance, then the grants that it names, to `epoch`.

    It may be called any number of times, concurrently, late and in any order: epochs only rise. The
    balance comes first: a grant is named only by a balance of its own epoch, so once that has risen
    no grant of an earlier one is added. An account whose balance is not open yet gets it here, at
    this epoch. Raises Unavailable under contention.
    """
    for _ in range(MAX_PLANS):
        try:
            balance = store.find_balance(account)
            if balance is None:
                store.open_at(account, epoch)
                return
            if balance["epoch"] < epoch:
                store.raise_to(epoch, [balance])
                balance = store.find_balance(account) or balance
            behind = _behind(balance, epoch)
            if behind:
                store.raise_to(epoch, behind)
        except Conflict:
            continue
        logger.info("secured", extra={"account": account, "epoch": epoch})
        return
    raise Unavailable("The balance is being secured by others; try again.", retry_after_s=1)


def _behind(balance: Item, epoch: int) -> list[Item]:
    grants = [store.find_grant(grant) for grant in balance["grants"]]
    return [grant for grant in grants if grant and grant["epoch"] < epoch]
