"""Notices to be mailed.

item    pk             sk      index  ttl     retention
notice  NOTICE#{id}    NOTICE  -      7 days  7 days

Written with the change that it tells of, and mailed from the table's stream (`followups.py`): so
no owner stays untold because a process died, or mail was down, after the change.
"""

from collections.abc import Mapping
from typing import Any

from functions.auth.mail.notices import Kind
from functions.auth.settings import settings
from sluice import clock, ids
from sluice.table import Table, Write, absent

RETENTION_S = 7 * 24 * 3600


def notify(
    to: str, kind: Kind, facts: Mapping[str, Any] | None = None, *, table: Table | None = None
) -> Write:
    """To be committed with what it tells of; `to` is an e-mail address, `facts` what the follow-up
    must know besides; tools say which `table`."""
    notice = ids.new("ntc")
    return (table or Table(settings().accounts_table)).put(
        {"pk": f"NOTICE#{notice}", "sk": "NOTICE", "id": notice, "kind": kind, "to": to}
        | {"at_ms": clock.now_ms(), "ttl": clock.now_s() + RETENTION_S}
        | {"facts": dict(facts or {})},
        when=absent(),
    )
