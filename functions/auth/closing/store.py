"""An account's way out, on its own item (`users/store.py`):

open → closing → closed → erased; from closing back to open.

`state` says which (absent: open). While it is closing, `closing` is {by, asked_ms}, `closes_ms` the
moment from which it is closed, and the index has it under `CLOSING#{shard}` / closes#{account}.
`closed_ms` stays. Who erases what a closed account has left says so by `erase`.
"""

import hashlib

from boto3.dynamodb.conditions import Attr, ConditionBase

from functions.auth.organizations.store import ORGANIZATION, table
from functions.auth.users.store import RevisedError
from sluice import clock
from sluice.errors import Conflict
from sluice.events import announce
from sluice.table import Item, Write, sort_key

CLOSING, CLOSED, ERASED = "closing", "closed", "erased"
FIELDS = ("state", "closing", "closes_ms", "gsi1pk", "gsi1sk")
"""What an account has while it is closing, and not once it is kept."""
SHARDS = 4


def begin(account: Item, by: str, closes_ms: int) -> Write:
    """Of an account that is open and still `by`'s; otherwise raises RevisedError."""
    return table().update(
        account["pk"],
        "ACCOUNT",
        set_={"state": CLOSING, "closing": {"by": by, "asked_ms": clock.now_ms()}}
        | _due(account["id"], closes_ms),
        when=Attr("state").not_exists() & Attr("owner").eq(by) & Attr("kind").eq(account["kind"]),
        refused=lambda old: RevisedError(account["id"]),
    )


def is_closing(account: Item) -> bool:
    return account.get("state") == CLOSING


def kept(account: str) -> Write:
    """The event of one that was closing, and is not any more."""
    return announce(table(), "account.kept", {"account": account})


def withdraw(account: str) -> Write:
    """Raises Conflict `not_closing`, or `closing_due` once its time has come."""
    return table().update(
        f"ACCOUNT#{account}",
        "ACCOUNT",
        remove=FIELDS,
        when=Attr("state").eq(CLOSING) & Attr("closes_ms").gt(clock.now_ms()),
        refused=_why_not,
    )


def _why_not(old: Item | None) -> Conflict:
    if old and old.get("state") == CLOSING:
        return Conflict("Its time has come: it cannot be kept any more.", code="closing_due")
    return Conflict("The account is not closing.", code="not_closing")


def postpone(account: Item, closes_ms: int) -> Write:
    """To another day; an account that is no longer as it was read raises RevisedError."""
    return table().update(
        account["pk"],
        "ACCOUNT",
        set_=_due(account["id"], closes_ms),
        when=_as_read(account),
        refused=lambda old: RevisedError(account["id"]),
    )


def close(account: Item, epoch: int) -> Write:
    """With the epoch raised, as when it is secured: nothing from before counts any more. An account
    that is no longer as it was read, or an organization that has members beside its owner, raises
    RevisedError."""
    still = _as_read(account) & Attr("epoch").eq(account["epoch"])
    if account["kind"] == ORGANIZATION:
        still &= Attr("members").eq(1)
    now_ms = clock.now_ms()
    return table().update(
        account["pk"],
        "ACCOUNT",
        set_={"state": CLOSED, "closed_ms": now_ms, "epoch": epoch, "secured_ms": now_ms},
        remove=["gsi1pk", "gsi1sk"],
        when=still,
        refused=lambda old: RevisedError(account["id"]),
    )


def erase(account: str) -> Write:
    """From closed to erased, once all that the account had left is gone; raises Conflict
    `not_closed`."""
    return table().update(
        f"ACCOUNT#{account}",
        "ACCOUNT",
        set_={"state": ERASED, "erased_ms": clock.now_ms()},
        when=Attr("state").eq(CLOSED),
        refused=lambda old: Conflict("The account is not closed.", code="not_closed"),
    )


def shards() -> list[str]:
    return [f"CLOSING#{shard}" for shard in range(SHARDS)]


def list_due(shard: str, cursor: str | None) -> tuple[list[str], str | None]:
    """Accounts whose time has come, by the index, which may lag."""
    until = sort_key(index=True).lte(f"{clock.now_ms():013d}~")
    page = table().query(shard, index=True, sk=until, cursor=cursor)
    return [item["id"] for item in page.items], page.cursor


def _as_read(account: Item) -> ConditionBase:
    condition: ConditionBase = Attr("state").eq(CLOSING)
    return condition & Attr("closes_ms").eq(account["closes_ms"])


def _due(account: str, closes_ms: int) -> Item:
    shard = hashlib.sha256(account.encode()).digest()[0] % SHARDS
    return {
        "closes_ms": closes_ms,
        "gsi1pk": f"CLOSING#{shard}",
        "gsi1sk": f"{closes_ms:013d}#{account}",
    }
