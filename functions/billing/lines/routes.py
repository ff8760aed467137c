"""/v1/billing/lines"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from functions.billing.lines import service
from functions.billing.lines.schemas import LinePage, show
from sluice.http import PROBLEMS
from sluice.principal import Principal, require

MAX_LINES = 50

router = APIRouter(prefix="/v1/billing/lines", tags=["billing"], responses=PROBLEMS)


@router.get("")
async def list_lines(
    caller: Annotated[Principal, Depends(require("billing:read"))],
    limit: Annotated[int, Query(ge=1, le=MAX_LINES)] = 20,
    cursor: Annotated[str | None, Query(max_length=512)] = None,
) -> LinePage:
    """The account's statement, newest first. What open jobs hold stands in the balance."""
    lines, next_cursor = service.list_lines(caller.account, limit, cursor)
    return LinePage(data=[show(line) for line in lines], next_cursor=next_cursor)
