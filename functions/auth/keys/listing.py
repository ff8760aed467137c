"""An account's live keys, page after page: what ends them, and what tells them something, begins
here. Apart from `store.py`, so that a follow-up need not load the web framework."""

from collections.abc import Iterator

from boto3.dynamodb.conditions import Attr, ConditionBase

from functions.auth.settings import settings
from sluice.table import Item, Table, sort_key

MAX_PAGES = 100
"""Revoked keys are listed for 30 days; more pages of them nobody fills."""


def live(account: str, which: ConditionBase | None = None) -> Iterator[Item]:
    """The listings of keys that are not revoked, or those `which` are besides."""
    active: ConditionBase = Attr("state").eq("active")
    cursor = None
    for _ in range(MAX_PAGES):
        page = Table(settings().accounts_table).query(
            f"ACCOUNT#{account}",
            sk=sort_key().begins_with("KEY#"),
            where=active if which is None else active & which,
            cursor=cursor,
        )
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return
