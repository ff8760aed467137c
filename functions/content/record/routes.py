"""/v1/content/verdicts"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from functions.content.record import service
from functions.content.record.schemas import VerdictPage, show
from sluice.http import PROBLEMS
from sluice.principal import Principal, require

router = APIRouter(prefix="/v1/content/verdicts", tags=["content"], responses=PROBLEMS)


@router.get("")
async def list_verdicts(
    caller: Annotated[Principal, Depends(require("content:read"))],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=512)] = None,
) -> VerdictPage:
    """What moderation flagged or blocked of the account's jobs, newest first; kept for a year."""
    recorded, next_cursor = service.list_recorded(caller.account, limit, cursor)
    return VerdictPage(data=[show(entry) for entry in recorded], next_cursor=next_cursor)
