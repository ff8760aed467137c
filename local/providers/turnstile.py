"""Cloudflare's Turnstile on a laptop: its `siteverify`, and a door at which tests get tokens.

As documented at https://developers.cloudflare.com/turnstile/get-started/server-side-validation/: a
token is good once and for 300 s, and the same `idempotency_key` gets the same answer again. The
secrets that are documented for tests pass, fail, or find every token spent.
"""

import argparse
import json
import os
import secrets
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.doubles.serving import add_arguments, serve
from sluice import clock

TOKEN_VALID_S: Final = 300
MAX_TOKEN_CHARS: Final = 2048
DUMMY_SECRETS: Final = {
    "1x0000000000000000000000000000000AA": None,
    "2x0000000000000000000000000000000AA": "invalid-input-response",
    "3x0000000000000000000000000000000AA": "timeout-or-duplicate",
}
"""The documented ones, by what they find wrong with any token."""


@dataclass(slots=True)
class Token:
    """Once it was shown, `key` is the idempotency key that may show it again."""

    made_ms: int
    action: str
    cdata: str
    is_spent: bool = False
    key: str = ""


class Turnstile:
    def __init__(self, secret: str, hostname: str) -> None:
        self._secret, self._hostname = secret, hostname
        self._tokens: dict[str, Token] = {}

    def issue(self, action: str = "", cdata: str = "") -> str:
        """What a widget gives to whoever solved it."""
        token = f"0.{secrets.token_urlsafe(32)}"
        self._tokens[token] = Token(clock.now_ms(), action, cdata)
        return token

    def verify(self, given: dict[str, Any]) -> dict[str, Any]:
        secret, response = str(given.get("secret") or ""), str(given.get("response") or "")
        if not secret:
            return _refused("missing-input-secret")
        if secret != self._secret and secret not in DUMMY_SECRETS:
            return _refused("invalid-input-secret")
        if not response:
            return _refused("missing-input-response")
        if secret in DUMMY_SECRETS:
            wrong = DUMMY_SECRETS[secret]
            return _refused(wrong) if wrong else self._passed(Token(clock.now_ms(), "", ""))
        return self._spend(response, str(given.get("idempotency_key") or ""))

    def _spend(self, response: str, key: str) -> dict[str, Any]:
        token = self._tokens.get(response)
        if token is None or len(response) > MAX_TOKEN_CHARS:
            return _refused("invalid-input-response")
        is_late = clock.now_ms() - token.made_ms > TOKEN_VALID_S * clock.MS_PER_S
        if is_late or (token.is_spent and not (key and key == token.key)):
            return _refused("timeout-or-duplicate")
        token.is_spent, token.key = True, key
        return self._passed(token)

    def _passed(self, token: Token) -> dict[str, Any]:
        told = {"success": True, "error-codes": [], "hostname": self._hostname}
        told |= {"challenge_ts": clock.iso(token.made_ms)}
        return told | {"action": token.action, "cdata": token.cdata}


def _refused(code: str) -> dict[str, Any]:
    return {"success": False, "error-codes": [code]}


def application(turnstile: Turnstile) -> Starlette:
    async def siteverify(request: Request) -> Response:
        body = (await request.body()).decode()
        try:
            is_json = "json" in request.headers.get("content-type", "")
            given = dict(json.loads(body) if is_json else parse_qsl(body))
        except (ValueError, TypeError):
            return JSONResponse(_refused("bad-request"), 400)
        return JSONResponse(turnstile.verify(given))

    async def issue(request: Request) -> Response:
        asked = request.query_params
        token = turnstile.issue(asked.get("action", ""), asked.get("cdata", ""))
        return JSONResponse({"token": token})

    async def healthz(_request: Request) -> Response:
        return Response("ok")

    return Starlette(
        routes=[
            Route("/turnstile/v0/siteverify", siteverify, methods=["POST"]),
            Route("/_tokens", issue, methods=["POST"]),
            Route("/healthz", healthz),
        ]
    )


def main() -> None:
    """Started with SECRET in its environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    turnstile = Turnstile(os.environ["SECRET"], "localhost")
    serve(application(turnstile), parser.parse_args())


if __name__ == "__main__":
    main()
