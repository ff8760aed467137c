"""Asking whoever comes in numbers to show that they are no program.

The verifier speaks as Cloudflare's Turnstile documents it, and so do others:
https://developers.cloudflare.com/turnstile/get-started/server-side-validation/
A stage without one asks nobody.
"""

import json
from dataclasses import dataclass
from typing import Final

from functions.auth.attempts.store import Limit, count, network
from functions.auth.settings import challenge_settings
from sluice import secret
from sluice.caller import Caller
from sluice.errors import Forbidden, Unavailable
from sluice.log import logger

TIMEOUT_S: Final = 5
OFTEN: Final = 5
"""So often in an hour a network signs up, or asks for a reset, before it is challenged."""
WINDOW_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Verifier:
    """`site_key` and `script` are for the browser's widget; the secret is the stage's."""

    site_key: str
    secret_id: str
    url: str
    script: str


def configured() -> Verifier | None:
    said = challenge_settings().challenge
    return Verifier(**json.loads(said)) if said else None


def check(what: str, token: str | None, caller: Caller) -> None:
    """Counts what a network does, and beyond a few times asks for a solved challenge. Raises
    Forbidden `challenge_required` or `challenge_failed`, Unavailable when nobody can verify it."""
    verifier = configured()
    if verifier is None:
        return
    if count(Limit(f"{what}-unchallenged", OFTEN, WINDOW_S), network(caller.address)) <= OFTEN:
        return
    if not token:
        raise Forbidden(
            "Solve the challenge first: GET /v1/auth/challenge has its site key.",
            code="challenge_required",
        )
    if not _is_solved(verifier, token, caller):
        raise Forbidden("The challenge was not solved; try another.", code="challenge_failed")


def is_solved(token: str | None, caller: Caller) -> bool:
    """Whether somebody who need not solve one did; not, when nobody can verify it."""
    verifier = configured()
    if verifier is None or not token:
        return False
    try:
        return _is_solved(verifier, token, caller)
    except Unavailable:
        return False


def _is_solved(verifier: Verifier, token: str, caller: Caller) -> bool:
    import httpx  # few requests need it

    form = {"secret": secret.read(verifier.secret_id), "response": token}
    form |= {"remoteip": caller.address}
    try:
        answer = httpx.post(verifier.url, data=form, timeout=TIMEOUT_S).raise_for_status()
        said = dict(answer.json())
    except (httpx.HTTPError, ValueError, TypeError) as error:
        raise Unavailable(
            "The challenge cannot be verified at the moment; try again.", retry_after_s=10
        ) from error
    if said.get("success") is not True:
        logger.info("challenge failed", extra={"codes": said.get("error-codes")})
    return said.get("success") is True
