"""Sign-in and sign-out."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Response

from functions.auth.sessions import service
from functions.auth.sessions.schemas import SignedIn, SignIn
from functions.auth.sessions.store import ABSOLUTE_MS
from sluice import clock
from sluice.http import PROBLEMS, Caller, current_caller
from sluice.principal import (
    SESSION_COOKIE,
    Principal,
    refuse_other_sites,
    require,
)

router = APIRouter(prefix="/v1/auth", tags=["sessions"], responses=PROBLEMS)

Here = Annotated[Caller, Depends(current_caller)]
Token = Annotated[
    str | None,
    Cookie(alias=SESSION_COOKIE, include_in_schema=False),
]


@router.post("/sign-in", dependencies=[Depends(refuse_other_sites)])
async def sign_in(body: SignIn, response: Response, caller: Here, token: Token = None) -> SignedIn:
    """Sign in with e-mail and password; sets the cookie `sluice_session`, a new one each time. The
    session ends after 12 hours without `GET /v1/auth/whoami`, and after 7 days in any case.

    Refusals: `wrong_credentials` (the same for unknown addresses), `email_not_verified`,
    `rate_limited`."""
    session = service.sign_in(body.email, body.password.get_secret_value(), token, caller)
    response.set_cookie(
        SESSION_COOKIE,
        session.token,
        max_age=ABSOLUTE_MS // clock.MS_PER_S,
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
    )
    return SignedIn(
        user=session.user, account=session.account, expires_at=clock.iso(session.ends_ms)
    )


@router.post("/sign-out", status_code=204)
async def sign_out(
    response: Response,
    principal: Annotated[Principal, Depends(require("account"))],
    caller: Here,
    token: Token = None,
) -> None:
    """End this session at once and clear its cookie. Refusals: `unauthenticated`, `forbidden`."""
    service.sign_out(token or "", principal, caller)
    response.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
