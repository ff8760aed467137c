"""Proving again, within a session, that it is still its owner."""

from functions.auth.audit.store import record
from functions.auth.passwords import proof
from functions.auth.sessions import store
from functions.auth.users import store as users
from sluice.caller import Caller
from sluice.principal import Principal, forget_cached, new_session_token
from sluice.table import Item, Transaction


def step_up(principal: Principal, token: str, password: str, caller: Caller) -> str:
    """Stamps the session as just authenticated, under a new token, which it gives: so no process
    remembers it as it was before. Raises Forbidden `wrong_password`, RateLimited."""
    user = users.get(principal.user)
    proof.check(user, password, caller)
    return users.revised(user, lambda now: _stamp(user, now, token, caller))


def _stamp(asked: Item, user: Item, token: str, caller: Caller) -> str:
    """`asked` is the user whose password was found right, `user` the same as it stands now."""
    proof.check_unchanged(asked, user)
    session, renewed = store.get(token), new_session_token()
    Transaction().add(
        users.revise(user),
        *store.renew(session, renewed),
        record(user["account"], user["id"], "session.stepped_up", session["id"], caller),
    ).commit()
    forget_cached()
    return renewed
