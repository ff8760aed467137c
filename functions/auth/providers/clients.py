"""What is said to the providers themselves, and what their answers prove.

OpenID Connect Core 1.0 with PKCE (RFC 7636) for one kind; for GitHub its OAuth and its API, which
is no OpenID provider: https://docs.github.com/apps/oauth-apps/building-oauth-apps
"""

from collections.abc import Mapping
from typing import Any, Final

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from functions.auth.identities.store import Proven
from functions.auth.providers import id_tokens
from functions.auth.providers.registry import Provider
from functions.auth.providers.store import Attempt
from sluice import clock
from sluice.errors import Forbidden, Unauthenticated, Unavailable
from sluice.log import logger

TIMEOUT_S: Final = 5
KEYS_KEPT_MS: Final = 3600 * clock.MS_PER_S
KEYS_KEPT_AT_LEAST_MS: Final = 60 * clock.MS_PER_S
"""An unknown key is asked for again, but not more often than this."""
REAUTHENTICATED_S: Final = 120

documents: dict[str, tuple[int, dict[str, Any]]] = {}
"""By their URL, and when each was fetched."""


def address(provider: Provider, attempt: Attempt, state: str) -> str:
    """Where the browser goes. Raises Unavailable."""
    if provider.kind == "github":
        page, scope, more = f"{provider.url}/login/oauth/authorize", "read:user user:email", {}
    else:
        page, scope = str(_discovered(provider)["authorization_endpoint"]), "openid email"
        more = {"nonce": attempt.nonce}
        if attempt.purpose == "step-up":
            more |= {"prompt": "login", "max_age": "0"}
    hashed = create_s256_code_challenge(attempt.verifier)  # type: ignore[no-untyped-call]  # a stub
    made: str = prepare_grant_uri(
        page,
        provider.client_id,
        "code",
        redirect_uri=provider.redirect_uri,
        scope=scope,
        state=state,
        code_challenge=str(hashed),
        code_challenge_method="S256",
        **more,
    )
    return made


def prove(provider: Provider, attempt: Attempt, code: str) -> Proven:
    """Exchange the code, and see whom the provider vouches for. Raises Unauthenticated, and
    Unavailable when the provider cannot be reached."""
    try:
        if provider.kind == "github":
            return _prove_github(provider, attempt, code)
        return _prove_oidc(provider, attempt, code)
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise _unreachable() from error


def _exchange(provider: Provider, attempt: Attempt, code: str, url: str) -> dict[str, Any]:
    """RFC 6749, section 4.1.3; GitHub answers errors with 200, others with 400."""
    body = prepare_token_request(
        "authorization_code",
        code=code,
        redirect_uri=provider.redirect_uri,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        code_verifier=attempt.verifier,
    )
    form = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    answer = httpx.post(url, content=body, headers=form, timeout=TIMEOUT_S)
    if answer.is_server_error:
        answer.raise_for_status()
    token = dict(answer.json())
    if answer.is_error or "error" in token:
        logger.info("no token", extra={"provider": provider.id, "error": token.get("error")})
        raise Unauthenticated(
            "The provider does not confirm this sign-in; begin again.", code="sign_in_expired"
        )
    return token


def _prove_oidc(provider: Provider, attempt: Attempt, code: str) -> Proven:
    about = _discovered(provider)
    token = _exchange(provider, attempt, code, str(about["token_endpoint"]))
    expected = id_tokens.Expected(provider.url, provider.client_id, attempt.nonce)
    claims = _checked(str(token["id_token"]), str(about["jwks_uri"]), expected)
    if attempt.purpose == "step-up":
        _check_reauthenticated(claims, attempt)
    verified = claims.get("email_verified") is True
    return Proven(provider.id, claims["sub"], claims.get("email") if verified else None)


def _check_reauthenticated(claims: Mapping[str, Any], attempt: Attempt) -> None:
    """A provider that ignores `max_age` does not prove that somebody just typed a password."""
    at_s = claims.get("auth_time")
    since_s = attempt.started_ms // clock.MS_PER_S - REAUTHENTICATED_S
    if not isinstance(at_s, int) or at_s < since_s:
        raise Forbidden("Sign in at the provider anew.", code="not_reauthenticated")


def _checked(token: str, keys_url: str, expected: id_tokens.Expected) -> dict[str, Any]:
    try:
        return id_tokens.check(token, _document(keys_url), expected)
    except Unauthenticated:
        if clock.now_ms() - documents[keys_url][0] < KEYS_KEPT_AT_LEAST_MS:
            raise
        del documents[keys_url]  # the provider may have turned its keys
        return id_tokens.check(token, _document(keys_url), expected)


def _discovered(provider: Provider) -> dict[str, Any]:
    """OpenID Connect Discovery 1.0, whose document must name the very issuer."""
    about = _document(f"{provider.url.rstrip('/')}/.well-known/openid-configuration")
    if about.get("issuer") != provider.url:
        raise _unreachable()
    return about


def _document(url: str) -> dict[str, Any]:
    """A JSON object, at most an hour old."""
    kept, now_ms = documents.get(url), clock.now_ms()
    if kept and 0 <= now_ms - kept[0] < KEYS_KEPT_MS:
        return kept[1]
    try:
        found = httpx.get(url, timeout=TIMEOUT_S).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise _unreachable() from error
    documents[url] = (now_ms, dict(found))
    return documents[url][1]


def _prove_github(provider: Provider, attempt: Attempt, code: str) -> Proven:
    token = _exchange(provider, attempt, code, f"{provider.url}/login/oauth/access_token")
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    headers["Authorization"] = f"Bearer {token['access_token']}"
    user, emails = (
        httpx.get(f"{provider.api}{path}", headers=headers, timeout=TIMEOUT_S)
        for path in ("/user", "/user/emails")
    )
    person = user.raise_for_status().json()
    listed = emails.raise_for_status().json()
    email = next((each["email"] for each in listed if each["primary"] and each["verified"]), None)
    return Proven(provider.id, str(int(person["id"])), email)


def _unreachable() -> Unavailable:
    return Unavailable(
        "The provider cannot be reached at the moment; try again, or sign in otherwise.",
        retry_after_s=5,
    )
