"""A user's sessions, seen and ended by their owner."""

from functions.auth.audit.store import record
from functions.auth.sessions import listings, store
from functions.auth.users import store as users
from sluice.caller import Caller
from sluice.principal import Principal, forget_cached
from sluice.table import Item, Transaction

end = listings.end


def list_live(principal: Principal) -> list[Item]:
    """The newest first."""
    return [listing for listing in store.list_(principal.user) if store.is_live(listing)]


def revoke(principal: Principal, session: str, caller: Caller) -> None:
    """At once for this process, within three seconds for all; raises NotFound for sessions that
    are another user's, have ended or are nobody's."""
    listing = store.find_listing(principal.user, session)
    if listing is None or not store.is_live(listing):
        raise store.unknown_session()
    Transaction().add(
        *store.revoke(listing),
        record(principal.account, principal.user, "session.ended", session, caller),
    ).commit()
    forget_cached()


def end_others(principal: Principal, caller: Caller) -> int:
    """All of the user's but the one that asks, at once; gives how many were live."""
    user = users.get(principal.user)
    return users.revised(user, lambda now: _end_others(now, principal, caller))


def _end_others(user: Item, principal: Principal, caller: Caller) -> int:
    others = [each for each in store.list_(principal.user) if each["id"] != principal.credential]
    writes = end(others, principal.account, principal.user, caller)
    Transaction().add(users.revise(user), *writes).commit()
    forget_cached()
    return sum(map(store.is_live, others))
