"""The account's audit log, read."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from functions.auth.audit.schemas import AuditEntry, AuditLog
from functions.auth.audit.store import list_
from sluice import clock
from sluice.http import PROBLEMS
from sluice.principal import Principal, require
from sluice.table import MAX_PAGE

MAX_CURSOR_CHARS = 1000
_SHOWN = ("id", "actor", "action", "target", "address", "request")

router = APIRouter(prefix="/v1/auth/audit", tags=["audit"], responses=PROBLEMS)


@router.get("")
async def list_audit_entries(
    owner: Annotated[Principal, Depends(require("audit:read"))],
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = MAX_PAGE,
    cursor: Annotated[str | None, Query(max_length=MAX_CURSOR_CHARS)] = None,
) -> AuditLog:
    """Everything that was done to your account, its keys and its sessions: who did it, to what,
    from where. The newest first; nothing of it is ever changed or deleted while the account lives.
    Refusals: `unauthenticated`, `forbidden` (a key does not read it)."""
    page = list_(owner.account, limit, cursor)
    return AuditLog(
        data=[
            AuditEntry(at=clock.iso(entry["at_ms"]), **{name: entry[name] for name in _SHOWN})
            for entry in page.items
        ],
        cursor=page.cursor,
    )
