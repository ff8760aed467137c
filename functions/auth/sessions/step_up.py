"""Proving again, within a session, that it is still its owner."""

from functions.auth.audit.store import record
from functions.auth.factors import proof
from functions.auth.factors import store as factors
from functions.auth.factors.proof import Proof
from functions.auth.passwords import proof as passwords
from functions.auth.sessions import store
from functions.auth.users import store as users
from sluice.caller import Caller
from sluice.errors import Forbidden
from sluice.principal import Principal, forget_cached, new_session_token
from sluice.table import Item, Transaction, Write


def step_up(
    principal: Principal,
    token: str,
    password: str | None,
    second: Proof | None,
    caller: Caller,
) -> str:
    """Stamps the session as just authenticated, under a new token, which it gives: so no process
    remembers it as it was before. Raises Forbidden `wrong_password`, `wrong_second_factor`,
    `second_factor_required`, RateLimited."""
    user = users.get(principal.user)
    by_passkey = second is not None and second.credential is not None
    by_provider = password is None and store.is_proven(store.get(token))
    if password is not None or not (by_passkey or by_provider):
        passwords.check(user, password or "", caller)
    if second is None and factors.count_of(user):
        raise Forbidden("Prove a second factor as well.", code="second_factor_required")
    proven = proof.check(user, second, principal.credential, caller) if second else []
    return users.revised(user, lambda now: _stamp(user, now, token, proven, caller))


def _stamp(asked: Item, user: Item, token: str, proven: list[Write], caller: Caller) -> str:
    """`asked` is the user whose password was found right, `user` the same as it stands now."""
    passwords.check_unchanged(asked, user)
    session, renewed = store.get(token), new_session_token()
    Transaction().add(
        *proven,
        users.revise(user),
        *store.renew(session, renewed),
        record(user["account"], user["id"], "session.stepped_up", session["id"], caller),
    ).commit()
    forget_cached()
    return renewed
