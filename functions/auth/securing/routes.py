"""“My account is compromised”."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from functions.auth.securing import service
from functions.auth.securing.schemas import Secured
from functions.auth.sessions.cookies import clear_session
from functions.auth.sessions.freshness import fresh
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import Principal

router = APIRouter(prefix="/v1/auth", tags=["securing"], responses=PROBLEMS)


@router.post("/compromised")
async def secure_account(
    owner: Annotated[Principal, Depends(fresh("user", "account:write"))],
    caller: Annotated[Caller, Depends(current_caller)],
    response: Response,
) -> Secured:
    """My account is compromised: end every session, this one too, every API key, the password, and
    whatever was pending. Within five seconds nothing acts for the account any more; credit that
    open jobs hold is settled as ever, and no further job starts. You are told by mail; to come
    back, set a new password with a mailed code. Refusals: `step_up_required`."""
    secured = service.secure(owner, caller)
    clear_session(response)
    return Secured(sessions_ended=secured.sessions, keys_ended=secured.keys)
