"""Signing in and out, and keeping a session in use."""

from functions.auth.attempts.store import Limit, count, network, take
from functions.auth.audit.store import record
from functions.auth.challenges.service import is_solved
from functions.auth.passwords import rules as passwords
from functions.auth.sessions import store
from functions.auth.sessions.admission import Ticket, admit
from functions.auth.sessions.opening import Session, wrong_credentials
from functions.auth.users import mailbox
from functions.auth.users import store as users
from sluice import clock
from sluice.caller import Caller
from sluice.errors import Forbidden
from sluice.principal import Principal, forget_cached
from sluice.table import Item, Transaction

# Whoever guesses is stopped where he guesses from. However hard a login is attacked from all over,
# each network keeps a few attempts, so that its owner can always sign in.
_NETWORK = Limit("sign-in-network", 100, 600)
ATTACKED = Limit("sign-in", 100, 3600)
_HERE = Limit("sign-in-here", 10, 600)
_HERE_WHILE_ATTACKED = Limit("sign-in-here", 3, 600)
PROLONG_AFTER_MS = 5 * 60 * clock.MS_PER_S


def sign_in(
    email: str,
    password: str,
    previous: str | None,
    caller: Caller,
    challenge: str | None = None,
) -> Session | Ticket:
    """A new session, whose token nobody has seen before; the browser's previous one ends. For a
    user with a second factor a ticket instead, which that turns into one.

    Raises RateLimited; Unauthenticated `wrong_credentials`, one answer and one duration whether the
    address or the password is wrong; Forbidden `email_not_verified`, after the right password only.
    """
    identity = mailbox.parse(email)
    login = mailbox.login_of(identity)
    _limit(login, challenge, caller)
    user = users.find_owner(login)
    if passwords.is_right(password, user.get("password_hash") if user else None) and user:
        return admit(user, lambda now: _check_unchanged(user, now), previous, caller)
    raise _refusal(login, password)


def _limit(login: str, challenge: str | None, caller: Caller) -> None:
    here = network(caller.address)
    take(_NETWORK, here)
    attacked = count(ATTACKED, login) > ATTACKED.count and not is_solved(challenge, caller)
    take(_HERE_WHILE_ATTACKED if attacked else _HERE, login, here)


def _refusal(login: str, password: str) -> Exception:
    """Asked of known addresses too: whoever signs up with one and then signs in must not learn
    from the answer, or from its duration, that it had a user already."""
    newest = users.list_sign_ups(login, None)[:1]
    if passwords.is_right(password, newest[0].password_hash if newest else None):
        return Forbidden(
            "Verify your e-mail address first, with the mail we sent you.",
            code="email_not_verified",
        )
    return wrong_credentials()


def _check_unchanged(asked: Item, user: Item) -> None:
    """`asked` is the user whose password was found right, `user` the same as it stands now."""
    if user.get("password_hash") != asked["password_hash"]:
        raise wrong_credentials()


def sign_out(token: str, principal: Principal, caller: Caller) -> None:
    session = store.find(token)
    if session is None:
        return
    Transaction().add(
        *store.close(session["user"], session["id"], session["pk"]),
        record(principal.account, principal.user, "session.closed", principal.credential, caller),
    ).commit()
    forget_cached()


def keep_alive(token: str) -> None:
    """Put off the idle expiry of a session in use, at most once in five minutes."""
    session = store.find(token)
    if session and session["expires_ms"] < clock.now_ms() + store.IDLE_MS - PROLONG_AFTER_MS:
        Transaction().add(*store.prolong(session)).commit()
