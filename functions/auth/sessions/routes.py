"""Sign-in, sign-out, and the sessions that are open."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from functions.auth.sessions import ends, service
from functions.auth.sessions import step_up as stepping_up
from functions.auth.sessions.answers import welcome
from functions.auth.sessions.cookies import Token, clear_session, set_session
from functions.auth.sessions.freshness import FRESH_MS
from functions.auth.sessions.schemas import (
    Ended,
    Fresh,
    OpenSession,
    SecondFactorAsked,
    Sessions,
    SignedIn,
    SignIn,
    StepUp,
)
from sluice import clock
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import (
    Principal,
    refuse_other_sites,
    require,
)

MAX_ID_CHARS = 64

router = APIRouter(prefix="/v1/auth", tags=["sessions"], responses=PROBLEMS)

Here = Annotated[Caller, Depends(current_caller)]
Owner = Annotated[Principal, Depends(require("user"))]
Leaver = Annotated[Principal, Depends(require("user", while_limited=True))]


@router.post(
    "/sign-in",
    dependencies=[Depends(refuse_other_sites)],
    responses={202: {"model": SecondFactorAsked}},
)
async def sign_in(
    body: SignIn, response: Response, caller: Here, token: Token = None
) -> SignedIn | SecondFactorAsked:
    """Sign in with e-mail and password; sets the cookie `sluice_session`, a new one each time. The
    session ends after 12 hours without `GET /v1/auth/whoami`, and after 7 days in any case. Of more
    than 20 the least recently used ends. Of a user with second factors the answer is 202: prove one
    with `POST /v1/auth/sign-in/second-factor` within five minutes.

    Refusals: `wrong_credentials` (the same for unknown addresses), `email_not_verified`,
    `rate_limited`."""
    admitted = service.sign_in(
        body.email, body.password.get_secret_value(), token, caller, body.challenge
    )
    return welcome(response, admitted)


@router.post("/sign-out", status_code=204)
async def sign_out(
    response: Response, principal: Leaver, caller: Here, token: Token = None
) -> None:
    """End this session at once and clear its cookie. Refusals: `unauthenticated`, `forbidden`."""
    service.sign_out(token or "", principal, caller)
    clear_session(response)


@router.post("/step-up")
async def step_up(
    body: StepUp, response: Response, owner: Leaver, caller: Here, token: Token = None
) -> Fresh:
    """Prove that it is still you, as `step_up_required` asks for: to make and end keys, to change
    the e-mail address and second factors. Takes your password, and of a user with second factors
    one of those; a passkey alone will do, and so will another provider's word, just fetched
    (`POST /v1/auth/providers/{provider}/start-for-user`). Gives this session a new cookie.

    Refusals: `wrong_password`, `second_factor_required`, `wrong_second_factor`, `rate_limited`."""
    password = body.password.get_secret_value() if body.password else None
    second = body.second_factor.proof() if body.second_factor else None
    renewed = stepping_up.step_up(owner, token or "", password, second, caller)
    set_session(response, renewed)
    return Fresh(fresh_until=clock.iso(clock.now_ms() + FRESH_MS))


@router.get("/sessions")
async def list_sessions(owner: Owner) -> Sessions:
    """Your sessions that are open, at most 20, the newest first: from what device and network each
    was opened, and which one asks. Refusals: `unauthenticated`, `forbidden` (a key has none)."""
    return Sessions(
        data=[
            OpenSession(
                id=listing["id"],
                device=listing["device"],
                network=listing["network"],
                created_at=clock.iso(listing["created_ms"]),
                used_at=clock.iso(listing["used_ms"]),
                expires_at=clock.iso(listing["expires_ms"]),
                current=listing["id"] == owner.credential,
            )
            for listing in ends.list_live(owner)
        ]
    )


@router.delete("/sessions")
async def end_other_sessions(owner: Leaver, caller: Here) -> Ended:
    """End all your sessions but the one that asks. Within three seconds nothing accepts them any
    more. Refusals: `unauthenticated`, `forbidden`."""
    return Ended(ended=ends.end_others(owner, caller))


@router.delete("/sessions/{session}", status_code=204)
async def end_session(
    session: Annotated[str, Path(max_length=MAX_ID_CHARS)], owner: Leaver, caller: Here
) -> None:
    """End one of your sessions; the one that asks, too. Refusals: `not_found`."""
    ends.revoke(owner, session, caller)
