"""What every way of signing in answers."""

from fastapi import Response

from functions.auth.documents.schemas import Document
from functions.auth.sessions.admission import Ticket
from functions.auth.sessions.cookies import clear_ticket, set_session, set_ticket
from functions.auth.sessions.opening import Session
from functions.auth.sessions.schemas import SecondFactorAsked, SignedIn
from functions.auth.sessions.tickets import VALID_S
from sluice import clock, documents

ACCEPTED = 202


def welcome(response: Response, admitted: Session | Ticket) -> SignedIn | SecondFactorAsked:
    """A session's cookie, or the ticket's with 202."""
    if isinstance(admitted, Ticket):
        response.status_code = ACCEPTED
        set_ticket(response, admitted.token)
        expires_at = clock.iso(clock.now_ms() + VALID_S * clock.MS_PER_S)
        return SecondFactorAsked(second_factor=list(admitted.methods), expires_at=expires_at)
    return signed_in(response, admitted)


def by_second_factor(response: Response, session: Session) -> SignedIn:
    clear_ticket(response)
    return signed_in(response, session)


def signed_in(response: Response, session: Session) -> SignedIn:
    set_session(response, session.token)
    return SignedIn(
        user=session.user,
        account=session.account,
        expires_at=clock.iso(session.ends_ms),
        documents_due=[Document.of(each) for each in documents.due(session.accepted)],
        closes_at=clock.iso(session.closes_ms) if session.closes_ms else None,
    )
