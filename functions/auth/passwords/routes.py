"""Passwords: changed under a session, or set anew with a mailed code."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from functions.auth.passwords import service
from functions.auth.passwords.schemas import (
    PasswordChange,
    PasswordReset,
    ResetRequest,
    ResetRequested,
)
from functions.auth.sessions.cookies import Token, set_session
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import Principal, refuse_other_sites, require

router = APIRouter(prefix="/v1/auth", tags=["passwords"], responses=PROBLEMS)

Owner = Annotated[Principal, Depends(require("user"))]
Here = Annotated[Caller, Depends(current_caller)]
ours = Depends(refuse_other_sites)


@router.post("/password", status_code=204)
async def change_password(
    body: PasswordChange, response: Response, owner: Owner, caller: Here, token: Token = None
) -> None:
    """Change your password, which takes the current one. Ends all your other sessions and every
    code that was sent, gives this session a new cookie, and tells you by mail.

    Refusals: `wrong_password`, `weak_password`, `step_up_required` (with second factors only),
    `rate_limited`."""
    current, new = body.current_password.get_secret_value(), body.password.get_secret_value()
    set_session(response, service.change(owner, token or "", current, new, caller))


@router.post("/password/reset", status_code=202, dependencies=[ours])
async def ask_for_password_reset(body: ResetRequest, caller: Here) -> ResetRequested:
    """Have a code sent with which a new password can be set, for half an hour. We answer the same
    whether or not the address is known, and write to it.

    Refusals: `invalid_email`, `challenge_required`, `challenge_failed`, `rate_limited`."""
    service.ask(body.email, caller, body.challenge)
    return ResetRequested()


@router.post("/password/reset/confirm", status_code=204, dependencies=[ours])
async def reset_password(body: PasswordReset, caller: Here) -> None:
    """Set a new password with the newest code that was sent; it works once. Ends every session;
    then sign in.

    Refusals: `invalid_code`, `invalid_email`, `weak_password`, `rate_limited`."""
    service.reset(body.email, body.code, body.password.get_secret_value(), caller)
