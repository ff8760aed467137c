"""Signing in by another provider: there and back, and what comes of it.

Whoever comes back is known by provider and subject alone. Where nobody is, a verified address lets
them sign up, unless a user has that address: then they sign in as that user first, and link.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from functions.auth.attempts.store import Limit, network, take
from functions.auth.audit.store import record
from functions.auth.digests import digest
from functions.auth.documents.service import check_current
from functions.auth.identities import service as identities
from functions.auth.identities import store as linked
from functions.auth.identities.store import Proven
from functions.auth.providers import clients, registry, store
from functions.auth.providers.registry import Provider
from functions.auth.providers.store import Attempt, Purpose
from functions.auth.sessions import store as sessions
from functions.auth.sessions.admission import Ticket, admit
from functions.auth.sessions.opening import Session
from functions.auth.users import mailbox
from functions.auth.users import store as users
from functions.auth.users.store import NewUser
from sluice import clock, events, ids
from sluice.caller import Caller
from sluice.errors import Conflict, Forbidden, Unauthenticated
from sluice.principal import Principal
from sluice.table import Item, Transaction

TOKEN_BYTES = 32
_STARTED = Limit("provider-start", 50, 600)


@dataclass(frozen=True, slots=True)
class Started:
    """`browser` is the token of the cookie that the answer must come with."""

    url: str
    browser: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody without a user; `token` is of the cookie to sign up with."""

    token: str


@dataclass(frozen=True, slots=True)
class Returned:
    """`came` is None where nothing but what was asked for happened."""

    return_to: str
    came: Session | Ticket | Newcomer | None = None


def start(provider: str, return_to: str, caller: Caller) -> Started:
    """To sign somebody in. Raises NotFound, RateLimited, Unavailable."""
    return _start(provider, "sign-in", return_to, caller)


def start_for(
    principal: Principal, provider: str, purpose: Purpose, return_to: str, caller: Caller
) -> Started:
    """To link an identity to a session's user, or to prove again who it is. Raises NotFound, also
    where there is no identity to prove oneself by."""
    if purpose == "step-up":
        providers = {each["provider"] for each in linked.list_(principal.user)}
        if provider not in providers:
            raise linked.unknown_identity()
    return _start(provider, purpose, return_to, caller, principal.user, principal.credential)


def _start(
    name: str, purpose: Purpose, return_to: str, caller: Caller, user: str = "", session: str = ""
) -> Started:
    provider = registry.get(name)
    take(_STARTED, network(caller.address))
    state, browser = _token(), _token()
    attempt = Attempt(
        provider=name,
        purpose=purpose,
        browser=digest("oauth-browser", browser),
        verifier=_token(),
        nonce=_token(),
        return_to=return_to,
        started_ms=clock.now_ms(),
        user=user,
        session=session,
    )
    url = clients.address(provider, attempt, state)
    store.begin(state, attempt).send()
    return Started(url, browser)


def come_back(
    name: str, state: str, code: str, issuer: str | None, browser: str, caller: Caller
) -> Returned:
    """What an answer of the provider leads to. Raises SluiceError; nothing has happened then."""
    provider = registry.get(name)
    attempt = store.take(state, name, digest("oauth-browser", browser))
    _check_issuer(provider, issuer)
    proven = clients.prove(provider, attempt, code)
    if attempt.purpose == "sign-in":
        return Returned(attempt.return_to, _sign_in(proven, caller))
    principal = _session_of(attempt)
    if attempt.purpose == "link":
        if proven.email is None:
            raise _unverified()
        identities.link(principal, proven, caller)
    else:
        _note_proof(principal, proven)
    return Returned(attempt.return_to)


def _check_issuer(provider: Provider, issuer: str | None) -> None:
    """Who says whose answer it is must say right (RFC 9207)."""
    if issuer is not None and provider.kind == "oidc" and issuer != provider.url:
        raise Unauthenticated("This is another provider's answer.", code="sign_in_expired")


def _sign_in(proven: Proven, caller: Caller) -> Session | Ticket | Newcomer:
    identity = linked.find(proven)
    if identity:
        user = users.get(identity["user"])
        return admit(user, lambda now: _check_linked(proven, now), None, caller)
    if proven.email is None:
        raise _unverified()
    email = mailbox.parse(proven.email)
    if users.is_known(mailbox.login_of(email)):
        raise _known_address()
    token = _token()
    store.welcome(token, Proven(proven.provider, proven.subject, email)).send()
    return Newcomer(token)


def _check_linked(proven: Proven, user: Item) -> None:
    identity = linked.find(proven)
    if identity is None or identity["user"] != user["id"]:
        raise store.expired()


def sign_up(token: str, accepted: Mapping[str, str], caller: Caller) -> Session | Ticket:
    """A newcomer's user, account and identity in one transaction, then a session. Raises
    Unauthenticated `sign_in_expired`, InvalidInput `document_not_current`, Conflict `email_taken`
    or `identity_taken`."""
    check_current(accepted)
    proven = store.find_newcomer(token)
    email, user, account = str(proven.email), ids.new("usr"), ids.new("acc")
    login, person = mailbox.login_of(email), mailbox.person_of(email)
    new = NewUser(
        user, account, person, login, email, None, accepted, caller.address, clock.now_ms()
    )
    Transaction().add(
        store.redeem(token),
        *users.create(new, taken=lambda old: _known_address()),
        *linked.link(proven, user),
        record(account, user, "user.verified", user, caller),
        events.announce(
            users.table(), "user.verified", {"user": user, "account": account, "person": person}
        ),
    ).commit()
    return admit(users.get(user), lambda now: _check_linked(proven, now), None, caller)


def _session_of(attempt: Attempt) -> Principal:
    """Who asked; whatever is done for them is done only while their session is open."""
    listing = sessions.find_listing(attempt.user, attempt.session)
    if listing is None or not sessions.is_live(listing):
        raise Unauthenticated("The session has ended; sign in again.")
    account = users.get(attempt.user)["account"]
    return Principal(account, attempt.user, attempt.session, False, frozenset(), 0)


def _note_proof(principal: Principal, proven: Proven) -> None:
    """The session remembers it for a few minutes, until it is stepped up."""
    identity = linked.find(proven)
    if identity is None or identity["user"] != principal.user:
        raise Forbidden("That is not the identity you signed up with.", code="wrong_identity")
    listing = sessions.find_listing(principal.user, principal.credential)
    if listing:
        sessions.note_proof(listing).send()


def _known_address() -> Conflict:
    return Conflict(
        "A user has this address: sign in as that, then link the provider.", code="email_taken"
    )


def _unverified() -> Forbidden:
    return Forbidden(
        "The provider has not verified your address; verify it there first.",
        code="email_not_verified_by_provider",
    )


def _token() -> str:
    return base64.urlsafe_b64encode(ids.token(TOKEN_BYTES)).decode().rstrip("=")
