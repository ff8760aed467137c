"""Signing in by Google, GitHub, or whichever provider the operator configured."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Cookie, Depends, Path, Query, Response

from functions.auth.providers import registry, service
from functions.auth.providers.schemas import (
    Provider,
    Providers,
    ProviderSignUp,
    Start,
    Started,
    StartForUser,
)
from functions.auth.providers.service import Newcomer, Returned
from functions.auth.providers.store import ATTEMPT_VALID_S, NEWCOMER_VALID_S
from functions.auth.sessions.admission import Ticket
from functions.auth.sessions.answers import welcome
from functions.auth.sessions.freshness import check_fresh
from functions.auth.sessions.schemas import SecondFactorAsked, SignedIn
from sluice.caller import Caller
from sluice.errors import SluiceError, Unauthenticated
from sluice.http import PROBLEMS, current_caller
from sluice.log import logger
from sluice.principal import Principal, refuse_other_sites, require

BROWSER_COOKIE = "sluice_provider"
NEWCOMER_COOKIE = "sluice_newcomer"
COOKIE_PATH = "/v1/auth/providers"
SEE_OTHER = 303

router = APIRouter(prefix="/v1/auth/providers", tags=["providers"], responses=PROBLEMS)

Here = Annotated[Caller, Depends(current_caller)]
ProviderId = Annotated[str, Path(max_length=32, examples=["google"])]
Browser = Annotated[str, Cookie(alias=BROWSER_COOKIE, include_in_schema=False)]
Token = Annotated[str, Cookie(alias=NEWCOMER_COOKIE, include_in_schema=False)]
Text = Annotated[str | None, Query(max_length=4096)]
ours = Depends(refuse_other_sites)


@router.get("")
async def list_providers() -> Providers:
    """By whom one can sign in here; none, if the operator configured none."""
    return Providers(data=[Provider(id=one.id, name=one.name) for one in registry.configured()])


@router.post("/{provider}/start", status_code=201, dependencies=[ours])
async def start_sign_in(
    provider: ProviderId, body: Start, response: Response, caller: Here
) -> Started:
    """Begin to sign in, or up, by a provider: send the browser to `url`. Its answer comes back to
    this browser alone, once, and ends at `return_to`. Refusals: `not_found`, `rate_limited`."""
    return _begun(response, service.start(provider, body.return_to, caller))


@router.post("/{provider}/start-for-user", status_code=201)
async def start_for_user(
    provider: ProviderId,
    body: StartForUser,
    response: Response,
    owner: Annotated[Principal, Depends(require("user"))],
    caller: Here,
) -> Started:
    """Begin to link an identity to yourself, or to prove again that it is you. Refusals:
    `step_up_required` (to link), `not_found` (no such provider, or none that is linked),
    `rate_limited`."""
    if body.purpose == "link":
        check_fresh(owner)
    begun = service.start_for(owner, provider, body.purpose, body.return_to, caller)
    return _begun(response, begun)


@router.get("/{provider}/callback", status_code=SEE_OTHER, response_class=Response)
async def come_back(
    provider: ProviderId,
    caller: Here,
    state: Text = None,
    code: Text = None,
    iss: Text = None,
    error: Text = None,
    browser: Browser = "",
) -> Response:
    """Where a provider sends the browser back to. It goes on to where it was to return, signed in;
    to `/sign-in?second_factor=…` of a user who has one; to `/sign-up/complete` of somebody new; or
    to `/sign-in?error=…`, which names a refusal: `sign_in_expired`, `email_taken` (sign in
    otherwise, then link), `email_not_verified_by_provider`, `identity_taken`, `provider_linked`,
    `wrong_identity`, `not_reauthenticated`, `not_found`, `service_unavailable`, or what the
    provider said."""
    if error or not state or not code:
        return _redirect("/sign-in", error=error or "sign_in_expired")
    try:
        returned = service.come_back(provider, state, code, iss, browser, caller)
    except SluiceError as refusal:
        refused = refusal.machine_code
        logger.info("came back in vain", extra={"provider": provider, "code": refused})
        return _redirect("/sign-in", error=refused)
    response = _arrival(returned)
    response.delete_cookie(BROWSER_COOKIE, path=COOKIE_PATH, secure=True, httponly=True)
    return response


@router.post("/sign-up", status_code=201, dependencies=[ours])
async def sign_up_by_provider(
    body: ProviderSignUp, response: Response, caller: Here, token: Token = ""
) -> SignedIn | SecondFactorAsked:
    """Become a user, by the identity that you came back with within half an hour, and sign in.
    Refusals: `sign_in_expired`, `invalid_input` (without the attestation), `document_not_current`,
    `email_taken`, `identity_taken`."""
    if not token:
        raise Unauthenticated("Begin at the provider.", code="sign_in_expired")
    return welcome(response, service.sign_up(token, body.accept.model_dump(), caller))


def _begun(response: Response, started: service.Started) -> Started:
    """The cookie comes along when the provider sends the browser back, so it cannot be strict."""
    response.set_cookie(
        BROWSER_COOKIE,
        started.browser,
        max_age=ATTEMPT_VALID_S,
        path=COOKIE_PATH,
        secure=True,
        httponly=True,
        samesite="lax",
    )
    return Started(url=started.url)


def _arrival(returned: Returned) -> Response:
    came = returned.came
    if came is None:
        return _redirect(returned.return_to)
    if isinstance(came, Newcomer):
        response = _redirect("/sign-up/complete", return_to=returned.return_to)
        response.set_cookie(
            NEWCOMER_COOKIE,
            came.token,
            max_age=NEWCOMER_VALID_S,
            path=COOKIE_PATH,
            secure=True,
            httponly=True,
            samesite="strict",
        )
        return response
    if isinstance(came, Ticket):
        response = _redirect(
            "/sign-in", second_factor=",".join(came.methods), return_to=returned.return_to
        )
    else:
        response = _redirect(returned.return_to)
    welcome(response, came)
    response.status_code = SEE_OTHER
    return response


def _redirect(path: str, **query: str) -> Response:
    location = f"{path}?{urlencode(query)}" if query else path
    return Response(status_code=SEE_OTHER, headers={"Location": location})
