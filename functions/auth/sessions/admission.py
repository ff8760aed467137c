"""From a first proof to a session: at once, or by a second factor where the user has one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from functions.auth.attempts.store import Limit, network, take
from functions.auth.digests import digest
from functions.auth.factors import proof as factors
from functions.auth.factors import service, store
from functions.auth.factors.proof import Proof
from functions.auth.factors.service import Ceremony
from functions.auth.sessions import tickets
from functions.auth.sessions.opening import Session, open_for
from functions.auth.sessions.store import get_account
from functions.auth.users import store as users
from sluice import ids
from sluice.caller import Caller
from sluice.table import Item

TOKEN_BYTES = 24
_PASSKEYS = Limit("passkey-network", 100, 600)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A sign-in that waits for one of `methods`."""

    token: str
    methods: Sequence[str]


def admit(
    user: Item, check_still: Callable[[Item], None], previous: str | None, caller: Caller
) -> Session | Ticket:
    """A session as `open_for` opens it, or for a user with second factors a ticket to one."""
    if not store.count_of(user):
        return open_for(user, check_still, previous, caller)
    token = ids.token(TOKEN_BYTES).hex()
    stamp = tickets.stamp_of(user, get_account(user["account"]))
    tickets.issue(token, user["id"], stamp).send()
    kinds = {factor["kind"] for factor in store.list_(user["id"])}
    return Ticket(token, [*sorted(kinds), "recovery_code"])


def complete(ticket: str, proof: Proof, previous: str | None, caller: Caller) -> Session:
    """The session, by a second factor. Raises Unauthenticated `sign_in_expired`, Forbidden
    `wrong_second_factor`, RateLimited."""
    pending = tickets.find(ticket)
    tickets.count_attempt(ticket).send()
    user = users.get(pending["user"])
    _check_stamp(pending, user)
    proven = factors.check(user, proof, _subject(ticket), caller)
    return open_for(
        user,
        lambda now: _check_stamp(pending, now),
        previous,
        caller,
        with_it=[tickets.redeem(ticket), *proven],
    )


def _check_stamp(ticket: Item, user: Item) -> None:
    if tickets.stamp_of(user, get_account(user["account"])) != ticket["stamp"]:
        raise tickets.expired()


def ask_second(ticket: str) -> Ceremony:
    """What the browser asks the user's passkeys with. Raises Unauthenticated `sign_in_expired`."""
    pending = tickets.find(ticket)
    tickets.count_attempt(ticket).send()
    return service.ask_passkey("second-factor", _subject(ticket), pending["user"])


def _subject(ticket: str) -> str:
    return f"ticket:{digest('ticket', ticket)}"


def ask_passkey(caller: Caller) -> Ceremony:
    """What the browser asks any passkey for us with. Raises RateLimited."""
    take(_PASSKEYS, network(caller.address))
    return service.ask_passkey("sign-in", "", None)


def sign_in_by_passkey(proof: Proof, previous: str | None, caller: Caller) -> Session:
    """A passkey is two factors in one. Raises Forbidden `wrong_second_factor`, RateLimited."""
    take(_PASSKEYS, network(caller.address))
    factor, proven = factors.find_passkey(proof, "sign-in", "")
    user = users.get(factor["user"])
    return open_for(user, lambda now: None, previous, caller, with_it=proven)
