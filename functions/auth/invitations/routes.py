"""Invitations into the organization that the request acts for, and accepting them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from functions.auth.invitations import service
from functions.auth.invitations.schemas import (
    Acceptance,
    Invitation,
    Invitations,
    NewInvitation,
)
from functions.auth.organizations.routes import shown
from functions.auth.organizations.schemas import Account
from functions.auth.sessions.freshness import fresh
from sluice import clock
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import Principal, require
from sluice.table import Item

MAX_ID_CHARS = 64

router = APIRouter(prefix="/v1/auth/invitations", tags=["invitations"], responses=PROBLEMS)

Reader = Annotated[Principal, Depends(require("members:read"))]
Manager = Annotated[Principal, Depends(fresh("members:write"))]
Here = Annotated[Caller, Depends(current_caller)]


@router.post("", status_code=201)
async def invite(body: NewInvitation, manager: Manager, caller: Here) -> Invitation:
    """Ask somebody in by mail, for seven days. An address that is invited again gets another mail,
    and the earlier one ends. Refusals: `step_up_required`, `not_an_organization` (name one by
    `Sluice-Account`), `already_member`, `too_many_invitations`, `invalid_email`,
    `rate_limited`."""
    return _shown(service.invite(manager, body.email, body.role, caller))


@router.get("")
async def list_invitations(reader: Reader) -> Invitations:
    """Those that are neither accepted nor expired. Refusals: `unauthenticated`, `forbidden`."""
    return Invitations(data=[_shown(each) for each in service.list_(reader)])


@router.delete("/{invitation}", status_code=204)
async def withdraw_invitation(
    invitation: Annotated[str, Path(max_length=MAX_ID_CHARS)], manager: Manager, caller: Here
) -> None:
    """The mail's token ends. Refusals: `step_up_required`, `invitation_unknown`."""
    service.withdraw(manager, invitation, caller)


@router.post("/accept", status_code=201)
async def accept_invitation(
    body: Acceptance, guest: Annotated[Principal, Depends(require("user"))], caller: Here
) -> Account:
    """Become a member, signed in with the address that was invited. Refusals:
    `invitation_unknown`, `invitation_not_yours`, `already_member`, `too_many_members`,
    `too_many_organizations`, `rate_limited`."""
    return shown(service.accept(guest, body.token, caller))


def _shown(invitation: Item) -> Invitation:
    return Invitation(
        id=invitation["id"],
        email=invitation["email"],
        role=invitation["role"],
        invited_by=invitation["by"],
        created_at=clock.iso(invitation["created_ms"]),
        expires_at=clock.iso(invitation["expires_ms"]),
    )
