"""A user's sessions, listed and ended without the web framework, for what follows up a change. The
key table is in `store.py`."""

from collections.abc import Iterable

from boto3.dynamodb.conditions import Attr

from functions.auth.audit.store import record
from functions.auth.users.store import table
from sluice.caller import Caller
from sluice.errors import Unauthenticated
from sluice.table import Item, Write, absent, sort_key


def list_(user: str) -> list[Item]:
    """All of a user's listings, the newest first; some may have expired."""
    page = table().query(f"USER#{user}", sk=sort_key().begins_with("SESSION#"), newest_first=True)
    return page.items


def close(user: str, session: str, credential: str) -> list[Write]:
    """Both items, of which `credential` is the first one's key. Ending twice is no error."""
    is_known = Attr("credential").eq(credential)
    return [
        table().delete(
            f"USER#{user}", f"SESSION#{session}", when=absent() | is_known, refused=ended
        ),
        table().delete(credential, "SESSION"),
    ]


def end(listings: Iterable[Item], account: str, actor: str, caller: Caller) -> list[Write]:
    """Three writes for each: both its items, and the entry that tells of it."""
    return [
        write
        for listing in listings
        for write in (
            *close(actor, listing["id"], listing["credential"]),
            record(account, actor, "session.ended", listing["id"], caller),
        )
    ]


def ended(_old: Item | None) -> Exception:
    return Unauthenticated("The session has ended; sign in again.")
