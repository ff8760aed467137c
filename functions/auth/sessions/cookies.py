"""The cookie that carries a session's token."""

from typing import Annotated

from fastapi import Cookie, Response

from functions.auth.sessions.store import ABSOLUTE_MS
from functions.auth.sessions.tickets import VALID_S
from sluice import clock
from sluice.principal import SESSION_COOKIE

TICKET_COOKIE = "sluice_second_factor"
_TICKET_PATH = "/v1/auth/sign-in"

Token = Annotated[str | None, Cookie(alias=SESSION_COOKIE, include_in_schema=False)]
TicketToken = Annotated[str | None, Cookie(alias=TICKET_COOKIE, include_in_schema=False)]


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


def set_ticket(response: Response, token: str) -> None:
    """Of a sign-in that waits for its second factor."""
    response.set_cookie(
        TICKET_COOKIE,
        token,
        max_age=VALID_S,
        path=_TICKET_PATH,
        secure=True,
        httponly=True,
        samesite="strict",
    )


def clear_ticket(response: Response) -> None:
    response.delete_cookie(
        TICKET_COOKIE, path=_TICKET_PATH, secure=True, httponly=True, samesite="strict"
    )


def clear_session(response: Response) -> None:
    response.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
