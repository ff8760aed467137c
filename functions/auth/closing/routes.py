"""Closing the account that a request acts for."""

from typing import Annotated

from fastapi import APIRouter, Depends

from functions.auth.closing import service
from functions.auth.closing.schemas import Closing
from functions.auth.sessions.freshness import fresh
from sluice import clock
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import Principal, require
from sluice.table import Item

router = APIRouter(prefix="/v1/auth/closing", tags=["closing"], responses=PROBLEMS)

Here = Annotated[Caller, Depends(current_caller)]


@router.post("")
async def close_account(
    owner: Annotated[Principal, Depends(fresh("account:close", while_limited=True))], caller: Here
) -> Closing:
    """Close the account in thirty days; until then everything works as before, and you may change
    your mind. Then every session and key ends for good, and what the account has left is erased.
    Your own account is closed with you: you leave the organizations whose member you are. Asked
    again, it stays at the first date. You are told by mail.

    Refusals: `step_up_required`, `owns_organizations`, `forbidden`."""
    return shown(service.ask(owner, caller))


@router.get("")
async def get_closing(
    reader: Annotated[Principal, Depends(require("account:read"))],
) -> Closing:
    """Whether the account is closing, and when. Refusals: `unauthenticated`, `forbidden`."""
    return shown(service.get(reader))


@router.delete("")
async def keep_account(
    owner: Annotated[Principal, Depends(require("account:close", while_limited=True))], caller: Here
) -> Closing:
    """Keep the account after all. Refusals: `not_closing`, `closing_due` (its time has come),
    `forbidden`."""
    return shown(service.withdraw(owner, caller))


def shown(account: Item) -> Closing:
    asked, closes_ms = account.get("closing"), account.get("closes_ms")
    return Closing(
        account=account["id"],
        state="closing" if asked else "open",
        asked_at=clock.iso(asked["asked_ms"]) if asked else None,
        closes_at=clock.iso(closes_ms) if closes_ms else None,
    )
