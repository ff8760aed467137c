"""Signing in by second factors and passkeys."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from functions.auth.factors import service
from functions.auth.factors.proof import Proof
from functions.auth.factors.schemas import Answer, Ceremony, SecondFactor
from functions.auth.sessions import admission
from functions.auth.sessions.answers import by_second_factor, signed_in
from functions.auth.sessions.cookies import TicketToken, Token
from functions.auth.sessions.schemas import SignedIn
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import Principal, refuse_other_sites, require

router = APIRouter(prefix="/v1/auth", tags=["factors"], responses=PROBLEMS)

Here = Annotated[Caller, Depends(current_caller)]
ours = Depends(refuse_other_sites)


@router.post("/sign-in/second-factor", dependencies=[ours])
async def prove_second_factor(
    body: SecondFactor,
    response: Response,
    caller: Here,
    ticket: TicketToken = None,
    token: Token = None,
) -> SignedIn:
    """The second half of a sign-in that was answered 202; sets the cookie `sluice_session`. Five
    attempts. Refusals: `sign_in_expired`, `wrong_second_factor`, `rate_limited`."""
    session = admission.complete(ticket or "", body.proof(), token, caller)
    return by_second_factor(response, session)


@router.post("/sign-in/second-factor/options", status_code=201, dependencies=[ours])
async def ask_second_factor(ticket: TicketToken = None) -> Ceremony:
    """What your browser asks your passkeys with, as the second half of a sign-in. Counts as an
    attempt. Refusals: `sign_in_expired`."""
    asked = admission.ask_second(ticket or "")
    return Ceremony(ceremony=asked.id, options=dict(asked.options))


@router.post("/sign-in/passkey/options", status_code=201, dependencies=[ours])
async def ask_passkey(caller: Here) -> Ceremony:
    """What your browser asks for a passkey with, whoever you are. Refusals: `rate_limited`."""
    asked = admission.ask_passkey(caller)
    return Ceremony(ceremony=asked.id, options=dict(asked.options))


@router.post("/sign-in/passkey", dependencies=[ours])
async def sign_in_by_passkey(
    body: Answer, response: Response, caller: Here, token: Token = None
) -> SignedIn:
    """Sign in with a passkey alone; sets the cookie `sluice_session`. Refusals:
    `wrong_second_factor`, `rate_limited`."""
    proof = Proof(ceremony=body.ceremony, credential=body.credential)
    return signed_in(response, admission.sign_in_by_passkey(proof, token, caller))


@router.post("/step-up/options", status_code=201)
async def ask_for_step_up(
    owner: Annotated[Principal, Depends(require("user", while_limited=True))],
) -> Ceremony:
    """What your browser asks your passkeys with for `POST /v1/auth/step-up`. Refusals:
    `unauthenticated`, `forbidden`, `rate_limited`."""
    asked = service.ask_for_step_up(owner)
    return Ceremony(ceremony=asked.id, options=dict(asked.options))
