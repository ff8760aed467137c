"""The cookie that carries a session's token."""

from typing import Annotated

from fastapi import Cookie, Response

from functions.auth.sessions.store import ABSOLUTE_MS
from sluice import clock
from sluice.principal import SESSION_COOKIE

Token = Annotated[str | None, Cookie(alias=SESSION_COOKIE, include_in_schema=False)]


def set_session(response: Response, token: str) -> None:
    """Neither scripts nor other sites can use it; the server ends the session before the cookie."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=ABSOLUTE_MS // clock.MS_PER_S,
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
    )


def clear_session(response: Response) -> None:
    response.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
