"""Organizations: accounts with members (`members/store.py`). Their item is that of every account
(`users/store.py`), with `kind` organization, a `name` and a count of `members`.
"""

from boto3.dynamodb.conditions import Attr

from functions.auth.settings import settings
from functions.auth.users.store import RevisedError
from sluice import clock
from sluice.errors import NotFound
from sluice.table import Item, Table, Write, absent, exists

PERSONAL = "personal"
ORGANIZATION = "organization"


def table() -> Table:
    return Table(settings().accounts_table)


def get(account: str) -> Item:
    """Raises NotFound."""
    item = table().find(f"ACCOUNT#{account}", "ACCOUNT")
    if item is None:
        raise NotFound("There is no such account.")
    return item


def list_(accounts: list[str]) -> list[Item]:
    return table().find_many([(f"ACCOUNT#{account}", "ACCOUNT") for account in accounts])


def create(account: str, name: str, owner: str) -> Write:
    return table().put(
        {"pk": f"ACCOUNT#{account}", "sk": "ACCOUNT", "id": account, "kind": ORGANIZATION}
        | {"name": name, "owner": owner, "members": 1, "epoch": 0, "keys": 0}
        | {"created_ms": clock.now_ms()},
        when=absent(),
    )


def convert(account: Item, name: str) -> Write:
    """A personal account, as it was read, with all that it has; otherwise raises RevisedError."""
    return table().update(
        account["pk"],
        "ACCOUNT",
        set_={"kind": ORGANIZATION, "name": name, "members": 1},
        when=Attr("kind").eq(PERSONAL)
        & Attr("epoch").eq(account["epoch"])
        & Attr("state").not_exists(),
        refused=lambda old: RevisedError(account["id"]),
    )


def rename(account: str, name: str) -> Write:
    return table().update(f"ACCOUNT#{account}", "ACCOUNT", set_={"name": name}, when=exists())
