"""The end of keys: of one, and of all that an account had before it was secured.

Apart from `store.py`, so that what follows up a change need not load the web framework.
"""

from contextlib import suppress
from itertools import batched

from boto3.dynamodb.conditions import Attr, ConditionBase

from functions.auth.audit.store import record
from functions.auth.keys.listing import live
from functions.auth.settings import settings
from sluice import clock
from sluice.caller import Caller
from sluice.errors import NotFound
from sluice.table import Item, Table, Transaction, Write

REVOKED_RETENTION_S = 30 * 24 * 3600
BATCH = 20
"""Keys that end in one transaction: three writes each, and one for their count."""


def revoke(listing: Item) -> list[Write]:
    """Both items, and the count; one that is not live raises NotFound."""
    return [*_end_both(listing), _uncount(listing["pk"], 1)]


def end_all(account: str, epoch: int, actor: str, caller: Caller) -> int:
    """End every key from before the account's `epoch`; gives how many this call ended. It may be
    called again, concurrently and late: keys that were made since are of that epoch, and stay."""
    return _end_each(account, Attr("epoch").lt(epoch), actor, caller)


def end_expired(account: str, actor: str, caller: Caller) -> int:
    """Make room: expired keys count until they are ended. Gives how many did."""
    return _end_each(account, Attr("expires_ms").lte(clock.now_ms()), actor, caller)


def _end_each(account: str, which: ConditionBase, actor: str, caller: Caller) -> int:
    ended = 0
    for some in batched(live(account, which), BATCH, strict=False):
        try:
            _end_some(account, some, actor, caller)
            ended += len(some)
        except NotFound:  # one of them was revoked meanwhile
            for one in some:
                with suppress(NotFound):
                    _end_some(account, (one,), actor, caller)
                    ended += 1
    return ended


def _end_some(account: str, listings: tuple[Item, ...], actor: str, caller: Caller) -> None:
    writes = [write for listing in listings for write in _end_both(listing)]
    told = [record(account, actor, "key.revoked", each["id"], caller) for each in listings]
    count = _uncount(f"ACCOUNT#{account}", len(listings))
    Transaction().add(*writes, *told, count).commit()


def _end_both(listing: Item) -> list[Write]:
    return [_end(listing["pk"], listing["sk"]), _end(listing["credential"], "KEY")]


def _end(pk: str, sk: str) -> Write:
    now_ms = clock.now_ms()
    ttl = now_ms // clock.MS_PER_S + REVOKED_RETENTION_S
    return Table(settings().accounts_table).update(
        pk,
        sk,
        set_={"state": "revoked", "revoked_ms": now_ms, "ttl": ttl},
        when=Attr("state").eq("active"),
        refused=lambda old: unknown_key(),
    )


def _uncount(account_pk: str, keys: int) -> Write:
    return Table(settings().accounts_table).update(account_pk, "ACCOUNT", add={"keys": -keys})


def unknown_key() -> NotFound:
    return NotFound("Your account has no such key.")
