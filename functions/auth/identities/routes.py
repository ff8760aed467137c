"""Identities of other providers that one may sign in by."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from functions.auth.identities import service
from functions.auth.identities.schemas import Identities, Identity
from functions.auth.sessions.freshness import FreshOwner
from sluice import clock
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import Principal, require

router = APIRouter(prefix="/v1/auth/identities", tags=["providers"], responses=PROBLEMS)


@router.get("")
async def list_identities(owner: Annotated[Principal, Depends(require("user"))]) -> Identities:
    """The identities of other providers that are linked to you. Refusals: `unauthenticated`,
    `forbidden`."""
    return Identities(
        data=[
            Identity(
                provider=each["provider"],
                email=each["email"] or None,
                linked_at=clock.iso(each["linked_ms"]),
            )
            for each in service.list_(owner)
        ]
    )


@router.delete("/{provider}", status_code=204)
async def unlink_identity(
    provider: Annotated[str, Path(max_length=32)],
    owner: FreshOwner,
    caller: Annotated[Caller, Depends(current_caller)],
) -> None:
    """It signs you in no more; you are told by mail. Refusals: `step_up_required`, `not_found`,
    `last_way_in`."""
    service.unlink(owner, provider, caller)
