"""Second factors: authenticator apps, passkeys, recovery codes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from functions.auth.factors import service
from functions.auth.factors.schemas import (
    MAX_ID_CHARS,
    Added,
    Ceremony,
    Confirmation,
    Factor,
    Factors,
    NewPasskey,
    RecoveryCodes,
    Seed,
)
from functions.auth.sessions.freshness import FreshOwner
from sluice import clock
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import Principal, require

router = APIRouter(prefix="/v1/auth/factors", tags=["factors"], responses=PROBLEMS)

Owner = Annotated[Principal, Depends(require("user"))]
Here = Annotated[Caller, Depends(current_caller)]


@router.get("")
async def list_factors(owner: Owner) -> Factors:
    """Your second factors, at most ten, and how many recovery codes are unused. Refusals:
    `unauthenticated`, `forbidden`."""
    factors, left = service.list_(owner)
    return Factors(
        data=[
            Factor(
                id=factor["id"],
                kind=factor["kind"],
                name=factor["name"],
                created_at=clock.iso(factor["created_ms"]),
                used_at=clock.iso(factor["used_ms"]) if "used_ms" in factor else None,
            )
            for factor in factors
        ],
        recovery_codes_left=left,
    )


@router.post("/totp", status_code=201)
async def begin_totp(owner: FreshOwner) -> Seed:
    """A secret for an authenticator app (six digits, 30 seconds, SHA-1), which counts once you
    confirm it, within 15 minutes. Refusals: `step_up_required`, `totp_exists`."""
    begun = service.begin_totp(owner)
    return Seed(secret=begun.seed, uri=begun.uri)


@router.post("/totp/confirm", status_code=201)
async def confirm_totp(body: Confirmation, owner: FreshOwner, caller: Here) -> Added:
    """Show that the app has the secret; from then on signing in asks for its codes. Refusals:
    `step_up_required`, `invalid_code`, `totp_exists`, `too_many_factors`, `rate_limited`."""
    added = service.confirm_totp(owner, body.code, caller)
    return Added(id=added.factor, recovery_codes=list(added.recovery_codes))


@router.post("/passkeys/options", status_code=201)
async def begin_passkey(owner: FreshOwner) -> Ceremony:
    """What your browser makes a passkey with, within five minutes. Refusals: `step_up_required`,
    `rate_limited`."""
    begun = service.begin_passkey(owner)
    return Ceremony(ceremony=begun.id, options=dict(begun.options))


@router.post("/passkeys", status_code=201)
async def add_passkey(body: NewPasskey, owner: FreshOwner, caller: Here) -> Added:
    """Keep a passkey, which must have verified you. Refusals: `step_up_required`,
    `invalid_passkey`, `wrong_second_factor` (the ceremony is not this session's), `passkey_known`,
    `too_many_factors`."""
    added = service.add_passkey(owner, body.ceremony, body.name, body.credential, caller)
    return Added(id=added.factor, recovery_codes=list(added.recovery_codes))


@router.post("/recovery-codes", status_code=201)
async def renew_recovery_codes(owner: FreshOwner, caller: Here) -> RecoveryCodes:
    """Ten new recovery codes, shown this once; the old ones end. Refusals: `step_up_required`,
    `not_found` (you have no second factor)."""
    return RecoveryCodes(recovery_codes=list(service.renew_codes(owner, caller)))


@router.delete("/{factor}", status_code=204)
async def remove_factor(
    factor: Annotated[str, Path(max_length=MAX_ID_CHARS)], owner: FreshOwner, caller: Here
) -> None:
    """Remove a factor; with the last the recovery codes end. Refusals: `step_up_required`,
    `not_found`."""
    service.remove(owner, factor, caller)
