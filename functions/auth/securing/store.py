"""The account's epoch, which every credential carries from its birth (`users/store.py`)."""

from boto3.dynamodb.conditions import Attr

from functions.auth.closing import store as closing
from functions.auth.settings import settings
from functions.auth.users.store import RevisedError
from sluice import clock
from sluice.table import Item, Table, Write


def raise_epoch(account: Item, epoch: int) -> Write:
    """From the epoch that was read; otherwise raises RevisedError. Members who were authenticated
    before must step up (`sluice.principal`). An account that was closing is kept."""
    return Table(settings().accounts_table).update(
        account["pk"],
        "ACCOUNT",
        set_={"epoch": epoch, "secured_ms": clock.now_ms()},
        remove=closing.FIELDS if closing.is_closing(account) else (),
        when=Attr("epoch").eq(account["epoch"]),
        refused=lambda old: RevisedError(account["id"]),
    )
