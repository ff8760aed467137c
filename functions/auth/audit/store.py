"""Who did what to an account, when and from where; added to, never changed: neither by this code
nor by what IAM allows it (`stacks/auth.py`).

item   pk                sk                 index  ttl  retention
entry  AUDIT#{account}   {at_ms}#{id}       -      -    life of the account
"""

from functions.auth.settings import settings
from sluice import clock, ids
from sluice.caller import Caller
from sluice.table import Page, Table, Write, absent


def record(
    account: str,
    actor: str,
    action: str,
    target: str,
    caller: Caller,
    *,
    table: Table | None = None,
) -> Write:
    """An entry, to be committed with the change it tells of. `actor` and `target` are ids, `action`
    such as `key.created`. Tools say which `table`."""
    at_ms, entry = clock.now_ms(), ids.new("aud")
    return (table or Table(settings().accounts_table)).put(
        {
            "pk": f"AUDIT#{account}",
            "sk": f"{at_ms:013d}#{entry}",
            "id": entry,
            "at_ms": at_ms,
            "actor": actor,
            "action": action,
            "target": target,
            "address": caller.address,
            "request": caller.request,
        },
        when=absent(),
    )


def list_(account: str, limit: int, cursor: str | None) -> Page:
    """The newest first."""
    return Table(settings().accounts_table).query(
        f"AUDIT#{account}", limit=limit, cursor=cursor, newest_first=True
    )
