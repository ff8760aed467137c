"""GitHub on a laptop: its web flow for OAuth apps, and what of its API tells who somebody is.

As documented at https://docs.github.com/apps/oauth-apps and https://docs.github.com/rest/users:
errors of the token endpoint come with 200, and what is not asked for as JSON is a form. Codes work
once, for ten minutes, and with their PKCE verifier. `people.json` has who lives here.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from local.doubles.serving import add_arguments, serve

PEOPLE: Final[dict[str, Any]] = json.loads(
    Path(__file__).with_name("people.json").read_text(encoding="utf-8")
)["github"]
CODE_VALID_S: Final = 600
DOCS: Final = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True)
class Code:
    person: str
    scope: str
    redirect_uri: str
    challenge: str
    made_s: float


class GitHub:
    def __init__(self, client_id: str, client_secret: str, redirect_uri: str) -> None:
        self._client_id, self._client_secret = client_id, client_secret
        self._redirect_uri = redirect_uri
        self._codes: dict[str, Code] = {}
        self._tokens: dict[str, Code] = {}

    async def authorize(self, request: Request) -> Response:
        """Asks who you are, and sends you back with a code."""
        asked = request.query_params
        if asked.get("client_id") != self._client_id:
            return HTMLResponse("<h1>404</h1>", 404)
        redirect_uri = asked.get("redirect_uri", self._redirect_uri)
        if redirect_uri != self._redirect_uri:
            return _back(self._redirect_uri, asked, error="redirect_uri_mismatch")
        person = asked.get("person")
        if person not in PEOPLE:
            return HTMLResponse(_page(str(request.url.query)))
        challenge = asked.get("code_challenge", "")
        code = secrets.token_hex(10)
        self._codes[code] = Code(
            person, asked.get("scope", ""), redirect_uri, challenge, time.monotonic()
        )
        return _back(redirect_uri, asked, code=code)

    async def exchange(self, request: Request) -> Response:
        """A code for a token; errors are answered with 200, as GitHub does."""
        body = (await request.body()).decode()
        is_json = "json" in request.headers.get("content-type", "")
        given = json.loads(body) if is_json else dict(parse_qsl(body))
        answer = self._exchange(given)
        if "json" in request.headers.get("accept", ""):
            return JSONResponse(answer)
        return Response(urlencode(answer), media_type="application/x-www-form-urlencoded")

    def _exchange(self, given: dict[str, str]) -> dict[str, str]:
        if (given.get("client_id"), given.get("client_secret")) != (
            self._client_id,
            self._client_secret,
        ):
            return _error("incorrect_client_credentials")
        code = self._codes.pop(given.get("code", ""), None)
        if code is None or time.monotonic() - code.made_s > CODE_VALID_S:
            return _error("bad_verification_code")
        if given.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
            return _error("redirect_uri_mismatch")
        if code.challenge and not hmac.compare_digest(
            _challenge(given.get("code_verifier", "")), code.challenge
        ):
            return _error("bad_verification_code")
        token = f"gho_{secrets.token_urlsafe(27)}"
        self._tokens[token] = code
        return {"access_token": token, "scope": code.scope, "token_type": "bearer"}

    async def user(self, request: Request) -> Response:
        found = self._who(request)
        if found is None:
            return _refused(401, "Bad credentials")
        person = PEOPLE[found.person]
        public = [each["email"] for each in person["emails"] if each["visibility"] == "public"]
        told = {"login": found.person, "id": person["id"], "type": "User"}
        return JSONResponse(told | {"name": None, "email": public[0] if public else None})

    async def emails(self, request: Request) -> Response:
        found = self._who(request)
        if found is None:
            return _refused(401, "Bad credentials")
        if "user:email" not in found.scope.split():
            return _refused(404, "Not Found")
        return JSONResponse(PEOPLE[found.person]["emails"])

    def _who(self, request: Request) -> Code | None:
        token = request.headers.get("authorization", "").partition(" ")[2]
        return self._tokens.get(token)


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _back(redirect_uri: str, asked: Any, **answer: str) -> Response:
    state = {"state": asked["state"]} if "state" in asked else {}
    return RedirectResponse(f"{redirect_uri}?{urlencode(answer | state)}", 302)


def _error(code: str) -> dict[str, str]:
    return {"error": code, "error_description": code.replace("_", " ").capitalize() + "."}


def _refused(status: int, message: str) -> Response:
    told = {"message": message, "documentation_url": DOCS, "status": str(status)}
    return JSONResponse(told, status)


def _page(query: str) -> str:
    choices = "".join(
        f'<li><a href="?{escape(query)}&amp;person={name}">{name}</a></li>' for name in PEOPLE
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in</title>'
        f"<h1>Who are you at GitHub?</h1><ul>{choices}</ul></html>"
    )


async def _healthz(_request: Request) -> Response:
    return Response("ok")


def application(github: GitHub) -> Starlette:
    return Starlette(
        routes=[
            Route("/login/oauth/authorize", github.authorize),
            Route("/login/oauth/access_token", github.exchange, methods=["POST"]),
            Route("/user", github.user),
            Route("/user/emails", github.emails),
            Route("/healthz", _healthz),
        ]
    )


def main() -> None:
    """Started with CLIENT_ID, CLIENT_SECRET and REDIRECT_URI in its environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    given = (os.environ[name] for name in ("CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URI"))
    serve(application(GitHub(*given)), parser.parse_args())


if __name__ == "__main__":
    main()
