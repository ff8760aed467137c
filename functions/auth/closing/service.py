"""Asking for an account to be closed, and changing one's mind."""

from functions.auth.audit.store import record
from functions.auth.closing import store
from functions.auth.mail.store import notify
from functions.auth.members import store as members
from functions.auth.organizations import store as organizations
from functions.auth.sessions import store as sessions
from functions.auth.users import store as users
from sluice import clock, events
from sluice.caller import Caller
from sluice.errors import Conflict
from sluice.permissions import OWNER
from sluice.principal import Principal
from sluice.table import Item, Transaction

DAYS = 30
"""From asking to closing."""


def get(principal: Principal) -> Item:
    """The account as it stands."""
    return organizations.get(principal.account)


def ask(principal: Principal, caller: Caller) -> Item:
    """The account closes after thirty days; asked again, it stays at the first date. Raises
    Conflict `owns_organizations` for the own account of somebody who owns others."""
    user = users.get(principal.user)
    users.revised(user, lambda now: _ask(now, principal, caller))
    return get(principal)


def _ask(user: Item, principal: Principal, caller: Caller) -> None:
    account, actor = get(principal), principal.user
    if "state" in account:
        return
    if account["kind"] == organizations.PERSONAL:
        check_owns_none(members.list_of(actor))
    closes_ms = clock.now_ms() + DAYS * 24 * 3600 * clock.MS_PER_S
    told = {"account": account["id"], "closes_ms": closes_ms}
    Transaction().add(
        sessions.is_open(principal),
        users.revise(user),
        store.begin(account, actor, closes_ms),
        record(account["id"], actor, "account.closing_asked", account["id"], caller),
        events.announce(users.table(), "account.closing", told),
        notify(user["email"], "account_closing"),
    ).commit()


def check_owns_none(memberships: list[Item]) -> None:
    """Raises Conflict `owns_organizations`."""
    if any(each["role"] == OWNER for each in memberships):
        raise Conflict(
            "You own organizations: hand each over to another member, or close it, first.",
            code="owns_organizations",
        )


def withdraw(principal: Principal, caller: Caller) -> Item:
    """The account stays open. Raises Conflict `not_closing`, or `closing_due` when it is too
    late."""
    account, actor = principal.account, principal.user
    Transaction().add(
        sessions.is_open(principal),
        store.withdraw(account),
        record(account, actor, "account.closing_withdrawn", account, caller),
        store.kept(account),
        notify(users.get(actor)["email"], "account_kept"),
    ).commit()
    return get(principal)
