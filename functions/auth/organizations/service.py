"""Making organizations, and the accounts that a user may act for."""

from dataclasses import dataclass

from functions.auth.audit.store import record
from functions.auth.members import store as members
from functions.auth.organizations import store
from functions.auth.sessions import store as sessions
from functions.auth.users import store as users
from sluice import ids
from sluice.caller import Caller
from sluice.errors import Conflict
from sluice.permissions import OWNER
from sluice.principal import Principal, forget_cached
from sluice.table import Item, Transaction


@dataclass(frozen=True, slots=True)
class Account:
    item: Item
    role: str
    is_own: bool


def list_(principal: Principal) -> list[Account]:
    """The user's own account first, then the organizations."""
    own = store.get(users.get(principal.user)["account"])
    roles = {each["account"]: each["role"] for each in members.list_of(principal.user)}
    found = sorted(store.list_(list(roles)), key=lambda item: str(item["name"]))
    others = [Account(item, roles[item["id"]], is_own=False) for item in found]
    return [Account(own, OWNER, is_own=True), *others]


def get(principal: Principal) -> Account:
    """The account that the principal acts for."""
    item = store.get(principal.account)
    is_own = users.get(principal.user)["account"] == principal.account
    return Account(item, principal.role or "", is_own)


def rename(principal: Principal, name: str, caller: Caller) -> Account:
    Transaction().add(
        store.rename(principal.account, name),
        record(principal.account, principal.user, "account.renamed", principal.account, caller),
    ).commit()
    return get(principal)


def create(principal: Principal, name: str, caller: Caller) -> Account:
    """An organization whose owner is the user. Raises Conflict `too_many_organizations`."""
    made = users.revised(
        users.get(principal.user), lambda now: _create(now, name, principal, caller)
    )
    return Account(store.get(made), OWNER, is_own=False)


def _create(user: Item, name: str, principal: Principal, caller: Caller) -> str:
    check_room(user["id"])
    account = ids.new("acc")
    Transaction().add(
        sessions.is_open(principal),
        users.revise(user),
        store.create(account, name, user["id"]),
        *members.join(account, user, OWNER),
        record(account, user["id"], "organization.created", account, caller),
    ).commit()
    return account


def convert(principal: Principal, name: str, caller: Caller) -> Account:
    """The user's own account becomes an organization, with its credit, keys and jobs, and the user
    gets another of their own, without a new free grant: that is one for each person. Raises
    Conflict `too_many_organizations`, or `account_closing`."""
    made = users.revised(
        users.get(principal.user), lambda now: _convert(now, name, principal, caller)
    )
    forget_cached()
    return Account(store.get(made), OWNER, is_own=False)


def _convert(user: Item, name: str, principal: Principal, caller: Caller) -> str:
    check_room(user["id"])
    old, new = store.get(user["account"]), ids.new("acc")
    if "state" in old:
        raise Conflict("The account is closing; keep it first.", code="account_closing")
    live = filter(sessions.is_live, sessions.list_(user["id"]))
    Transaction().add(
        sessions.is_open(principal),
        users.revise(user, {"account": new}),
        store.convert(old, name),
        *members.join(old["id"], user, OWNER),
        users.open_account(new, user["id"]),
        *[sessions.move(listing, new) for listing in live],
        record(old["id"], user["id"], "organization.converted", old["id"], caller),
        record(new, user["id"], "account.opened", new, caller),
    ).commit()
    return str(old["id"])


def check_room(user: str) -> None:
    """Raises Conflict `too_many_organizations`; what is planned by it revises the user."""
    if len(members.list_of(user)) >= members.MAX_ORGANIZATIONS:
        raise Conflict(
            f"You are in {members.MAX_ORGANIZATIONS} organizations, which is the most; leave one.",
            code="too_many_organizations",
        )
