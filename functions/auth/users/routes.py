"""Sign-up and verification."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Response

from functions.auth.users import service
from functions.auth.users.schemas import Resend, SignedUp, SignUp, Verification, Verified
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import refuse_other_sites

SIGN_UP_COOKIE = "sluice_sign_up"
COOKIE_LIFE_S = 24 * 3600

router = APIRouter(
    prefix="/v1/auth",
    tags=["users"],
    responses=PROBLEMS,
    dependencies=[Depends(refuse_other_sites)],
)

Here = Annotated[Caller, Depends(current_caller)]
Browser = Annotated[str | None, Cookie(alias=SIGN_UP_COOKIE, include_in_schema=False)]


@router.post("/sign-up", status_code=201)
async def sign_up(body: SignUp, response: Response, caller: Here) -> SignedUp:
    """Sign up with e-mail and password. We answer the same whether or not the address is known,
    and write to it: a code to verify with, or that it has an account already.

    Refusals: `invalid_input`, `invalid_email`, `weak_password`, `document_not_current`,
    `challenge_required`, `challenge_failed`, `rate_limited`."""
    token = service.sign_up(
        body.email,
        body.password.get_secret_value(),
        body.accept.model_dump(),
        caller,
        body.challenge,
    )
    response.set_cookie(
        SIGN_UP_COOKIE,
        token,
        max_age=COOKIE_LIFE_S,
        path="/v1/auth",
        secure=True,
        httponly=True,
        samesite="strict",
    )
    return SignedUp()


@router.post("/verify")
async def verify(body: Verification, caller: Here, browser: Browser = None) -> Verified:
    """Prove the mailbox with the code of eight digits; it works once, for ten minutes, and ends
    after five attempts. Creates the user and the personal account; then sign in.

    Refusals: `invalid_code`, `rate_limited`."""
    verified = service.verify(body.email, body.code, browser, caller)
    return Verified(user=verified.user, account=verified.account, email=verified.email)


@router.post("/verify/resend", status_code=202)
async def resend(body: Resend, caller: Here, browser: Browser = None) -> SignedUp:
    """Send a new code, once a minute at most; the earlier code ends. Answers the same whether or
    not anybody signed up with this address.

    Refusals: `rate_limited`."""
    service.resend(body.email, browser, caller)
    return SignedUp()
