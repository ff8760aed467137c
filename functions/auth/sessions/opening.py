"""Opening a session for a user who has just proven who they are, by whatever means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from functions.auth.audit.store import record
from functions.auth.sessions import devices, store
from functions.auth.sessions.ends import end
from functions.auth.sessions.store import NewSession
from functions.auth.users import store as users
from sluice import clock, ids
from sluice.caller import Caller
from sluice.errors import Unauthenticated
from sluice.principal import forget_cached, new_session_token
from sluice.table import Item, Transaction, Write


@dataclass(frozen=True, slots=True)
class Session:
    token: str
    user: str
    account: str
    ends_ms: int
    accepted: Mapping[str, str]
    closes_ms: int | None = None
    """Of the account, while it is closing."""


def open_for(
    user: Item,
    check_still: Callable[[Item], None],
    previous: str | None,
    caller: Caller,
    with_it: Sequence[Write] = (),
) -> Session:
    """A session whose token nobody has seen before; the browser's `previous` one ends.

    `user` is as it was when it was proven; `check_still` is asked of it as it stands now, and
    raises when what was proven no longer counts; `with_it` is committed with the session."""

    def act(now: Item) -> Session:
        if users.is_closed(now):
            raise wrong_credentials()
        check_still(now)
        return _open(now, previous, caller, with_it)

    return users.revised(user, act)


def _open(user: Item, previous: str | None, caller: Caller, with_it: Sequence[Write]) -> Session:
    account = store.get_account(user["account"])
    where = (devices.describe(caller.agent), devices.coarse(caller.address))
    new = NewSession(ids.new("ses"), new_session_token(), *where)
    Transaction().add(
        *with_it,
        users.revise(user),
        *store.open_(new, user, account),
        record(account["id"], user["id"], "session.opened", new.id, caller),
        *_make_room(user, account["id"], store.find(previous) if previous else None, caller),
    ).commit()
    forget_cached()
    ends_ms = clock.now_ms() + store.ABSOLUTE_MS
    accepted, closes_ms = user.get("accepted", {}), account.get("closes_ms")
    return Session(new.token, user["id"], account["id"], ends_ms, accepted, closes_ms)


def wrong_credentials() -> Unauthenticated:
    return Unauthenticated("E-mail address or password is wrong.", code="wrong_credentials")


def _make_room(user: Item, account: str, previous: Item | None, caller: Caller) -> list[Write]:
    """Ends the browser's previous session, whoever's it was, and of the user's own those that are
    one too many."""
    writes = []
    if previous:
        writes += store.close(previous["user"], previous["id"], previous["pk"])
        writes.append(
            record(previous["account"], previous["user"], "session.ended", previous["id"], caller)
        )
    ended = previous["id"] if previous else ""
    others = [listing for listing in store.list_(user["id"]) if listing["id"] != ended]
    return writes + end(store.surplus(others), account, user["id"], caller)
