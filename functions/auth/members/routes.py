"""The members of the account that the request acts for."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from functions.auth.keys.routes import dollars, shown_budget
from functions.auth.members import service
from functions.auth.members.schemas import Member, MemberChange, Members
from functions.auth.sessions.freshness import fresh
from sluice import clock
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import Principal, require
from sluice.table import Item

MAX_ID_CHARS = 64

router = APIRouter(prefix="/v1/auth/members", tags=["members"], responses=PROBLEMS)

Reader = Annotated[Principal, Depends(require("members:read"))]
Manager = Annotated[Principal, Depends(fresh("members:write"))]
Leaver = Annotated[Principal, Depends(require("members:read", while_limited=True))]
Owner = Annotated[Principal, Depends(fresh("account:transfer"))]
Here = Annotated[Caller, Depends(current_caller)]
UserId = Annotated[str, Path(max_length=MAX_ID_CHARS)]


@router.get("")
async def list_members(reader: Reader) -> Members:
    """All members, at most a hundred; of your own account yourself. Refusals: `unauthenticated`,
    `forbidden`."""
    return Members(data=[_shown(member) for member in service.list_(reader)])


@router.patch("/{user}")
async def change_member(user: UserId, body: MemberChange, manager: Manager, caller: Here) -> Member:
    """Give a member another role, or a budget, which the keys that the member made count under too.
    It counts within three seconds, for those keys a few seconds later at the latest. The keys go on
    whatever the role: they are the account's. Refusals: `step_up_required`, `not_found`,
    `owner_stays` (also for the owner's budget, unless you are the owner)."""
    said = body.model_fields_set
    if body.role is not None:
        service.change_role(manager, user, body.role, caller)
    if "budget" in said:
        service.set_budget(manager, user, dollars(body.budget), caller)
    return _shown(service.get(manager, user))


@router.delete("/{user}", status_code=204)
async def remove_member(user: UserId, manager: Manager, caller: Here) -> None:
    """Remove a member, who acts for the account no more within three seconds. API keys that the
    member made go on: they are the account's; revoke those that the member may know
    (`GET /v1/auth/keys` says who made each). Refusals: `step_up_required`, `not_found`,
    `owner_stays`."""
    service.remove(manager, user, caller)


@router.post("/leave", status_code=204)
async def leave(leaver: Leaver, caller: Here) -> None:
    """Leave the organization. Refusals: `owner_stays`, `not_found` (of your own account you are no
    member)."""
    service.leave(leaver, caller)


@router.post("/{user}/ownership", status_code=204)
async def hand_over(user: UserId, owner: Owner, caller: Here) -> None:
    """Make another member the owner; you become an administrator, and the new owner is told by
    mail. Refusals: `step_up_required`, `not_found`, `already_owner`, `owner_stays`."""
    service.hand_over(owner, user, caller)


def _shown(member: Item) -> Member:
    return Member(
        user=member["user"],
        email=member["email"],
        role=member["role"],
        budget=shown_budget(member.get("budget")),
        since=clock.iso(member["since_ms"]),
    )
