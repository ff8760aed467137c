"""Members come by invitation (`invitations/`); here their roles change, and they go."""

from functions.auth.audit.store import record
from functions.auth.keys.service import budget_of
from functions.auth.mail.store import notify
from functions.auth.members import budgets, store
from functions.auth.organizations import store as organizations
from functions.auth.users import store as users
from sluice.caller import Caller
from sluice.errors import Conflict
from sluice.permissions import OWNER
from sluice.principal import Principal, forget_cached
from sluice.table import Item, Transaction

ADMIN = "admin"


def list_(principal: Principal) -> list[Item]:
    """Of a personal account there is its owner alone."""
    members = store.list_(principal.account)
    if members:
        return members
    account, user = organizations.get(principal.account), users.get(principal.user)
    return [
        {"user": user["id"], "email": user["email"], "role": OWNER}
        | {"since_ms": account["created_ms"]}
    ]


def get(principal: Principal, user: str) -> Item:
    """Raises NotFound."""
    return store.get(principal.account, user)


def change_role(principal: Principal, user: str, role: str, caller: Caller) -> None:
    """Raises NotFound, or Conflict `owner_stays`."""
    Transaction().add(
        *store.change_role(principal.account, user, role),
        record(principal.account, principal.user, f"member.made_{role}", user, caller),
    ).commit()
    forget_cached()


def set_budget(
    principal: Principal, user: str, budget: tuple[str, str] | None, caller: Caller
) -> None:
    """What the member and the member's keys may spend, in dollars and by period, or no such limit.
    Raises NotFound, or Conflict `owner_stays`."""
    account, member = principal.account, store.get(principal.account, user)
    Transaction().add(
        store.set_budget(
            account,
            user,
            budget_of(f"{account}.{user}", budget),
            by_owner=principal.role == OWNER,
        ),
        record(account, principal.user, "member.budget_changed", user, caller),
        notify(member["email"], "member_budget_changed", {"account": account, "user": user}),
    ).commit()
    budgets.tell_keys(account, user)
    forget_cached()


def remove(principal: Principal, user: str, caller: Caller) -> None:
    """Within three seconds the member acts for the account no more. Raises NotFound, or Conflict
    `owner_stays`."""
    member = store.get(principal.account, user)
    Transaction().add(
        *store.part(member),
        record(principal.account, principal.user, "member.removed", user, caller),
    ).commit()
    forget_cached()


def leave(principal: Principal, caller: Caller) -> None:
    """Raises Conflict `owner_stays`; NotFound where there is nothing to leave."""
    member = store.get(principal.account, principal.user)
    Transaction().add(
        *store.part(member),
        record(principal.account, principal.user, "member.left", principal.user, caller),
    ).commit()
    forget_cached()


def hand_over(principal: Principal, user: str, caller: Caller) -> None:
    """Make another member the owner; the owner becomes an administrator. Raises NotFound, or
    Conflict `owner_stays` when somebody else became the owner meanwhile."""
    if user == principal.user:
        raise Conflict("You are the owner already.", code="already_owner")
    account, heir = principal.account, store.get(principal.account, user)
    Transaction().add(
        store.hand_over(account, principal.user, user),
        *store.change_role(account, principal.user, ADMIN, was_owner=True),
        *store.change_role(account, user, OWNER),
        record(account, principal.user, "account.handed_over", user, caller),
        notify(heir["email"], "account_received"),
    ).commit()
    forget_cached()
