"""A member's budget stands with the member, and in each key that the member made, since a key is
found by one read.

It changes at the member first; the keys follow at once, and from the table's stream if whoever
changed it died. Apart from `service.py`, so that the follow-up need not load the web framework.
"""

from itertools import batched

from boto3.dynamodb.conditions import Attr, ConditionBase

from functions.auth.keys.listing import live
from functions.auth.members import store
from functions.auth.settings import settings
from sluice.errors import Unavailable
from sluice.table import Item, Table, Transaction, Write, exists

BATCH = 20
MAX_TRIES = 3


def table() -> Table:
    return Table(settings().accounts_table)


def stands(account: str, user: str, budget: Item | None) -> Write:
    """A check: it is the member's, or none is, also of whoever is no member. Otherwise raises
    Unavailable: whoever looks again finds what is."""
    is_it: ConditionBase = (
        Attr("budget").not_exists() if budget is None else Attr("budget").eq(budget)
    )
    return table().check(
        f"MEMBERS#{account}",
        f"USER#{user}",
        when=is_it,
        refused=lambda old: Unavailable("The budget has just changed.", retry_after_s=3),
    )


def tell_keys(account: str, user: str) -> None:
    """Again, concurrently and late it does no harm: what is not the member's budget any more is not
    written. The keys of one who left keep what they have."""
    for _ in range(MAX_TRIES):
        keys = list(live(account, Attr("user").eq(user)))
        member = store.find(account, user)
        if member is None:
            return
        try:
            for some in batched(keys, BATCH, strict=False):
                _tell(member, some)
        except Unavailable:
            continue
        return
    raise Unavailable("The keys of the member could not be told.", retry_after_s=3)


def _tell(member: Item, listings: tuple[Item, ...]) -> None:
    Transaction().add(
        stands(member["account"], member["user"], member.get("budget")),
        *(_note(pk, sk, member.get("budget")) for each in listings for pk, sk in _both(each)),
    ).commit()


def _both(listing: Item) -> list[tuple[str, str]]:
    return [(listing["pk"], listing["sk"]), (listing["credential"], "KEY")]


def _note(pk: str, sk: str, budget: Item | None) -> Write:
    return table().update(
        pk,
        sk,
        set_=None if budget is None else {"member_budget": budget},
        remove=["member_budget"] if budget is None else [],
        when=exists(),
        refused=lambda old: Unavailable("A key has just gone.", retry_after_s=1),
    )
