"""The account's e-mail address, changed."""

from typing import Annotated

from fastapi import APIRouter, Depends

from functions.auth.emails import service
from functions.auth.emails.schemas import (
    EmailChange,
    EmailChangeAsked,
    EmailChanged,
    EmailConfirmation,
)
from functions.auth.sessions.freshness import FreshOwner
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import Principal, require

router = APIRouter(prefix="/v1/auth/email", tags=["emails"], responses=PROBLEMS)

Here = Annotated[Caller, Depends(current_caller)]


@router.post("", status_code=202)
async def ask_for_email_change(
    body: EmailChange, owner: FreshOwner, caller: Here
) -> EmailChangeAsked:
    """Have a code sent to your new address, good for half an hour in this session. We answer the
    same whether or not the address has an account. Until the code is entered nothing changes.

    Refusals: `step_up_required`, `invalid_email`, `rate_limited`."""
    service.ask(owner, body.email, caller)
    return EmailChangeAsked()


@router.post("/confirm")
async def confirm_email_change(
    body: EmailConfirmation, owner: Annotated[Principal, Depends(require("user"))], caller: Here
) -> EmailChanged:
    """Move to the new address with the code that was mailed there, in the session that asked for
    it. All your other sessions end, and the old address is told.

    Refusals: `invalid_code`, `email_taken`, `rate_limited`."""
    return EmailChanged(email=service.confirm(owner, body.code, caller))
