"""Closing accounts whose time has come. Each may be tried again, concurrently and after a crash:
what goes before the one transaction that closes goes on where it stopped."""

from collections.abc import Iterable

from functions.auth.audit.store import record
from functions.auth.closing import store
from functions.auth.emails import store as emails
from functions.auth.factors import store as factors
from functions.auth.identities import store as identities
from functions.auth.invitations import store as invitations
from functions.auth.keys import revocation
from functions.auth.mail.store import notify
from functions.auth.members import store as members
from functions.auth.organizations import store as organizations
from functions.auth.sessions import listings
from functions.auth.users import store as users
from sluice import clock, events
from sluice.caller import Caller
from sluice.permissions import OWNER
from sluice.table import Item, Transaction, Write

POSTPONED_MS = 7 * 24 * 3600 * clock.MS_PER_S
"""How long the account of somebody who came to own an organization meanwhile waits at a time."""


def complete(account_id: str, caller: Caller) -> bool:
    """Close it if its time has come; gives whether this call did. Then its keys end, of which the
    follow-up ends those that this call does not come to."""
    account = organizations.get(account_id)
    owner = users.get(account["owner"])
    epoch = users.revised(owner, lambda now: _close(now, account_id, caller))
    if epoch is None:
        return False
    revocation.end_all(account_id, epoch, owner["id"], caller)
    return True


def _close(owner: Item, account_id: str, caller: Caller) -> int | None:
    """Gives the account's last epoch; None for one that does not close now."""
    account = organizations.get(account_id)
    is_due = account.get("state") == store.CLOSING and account["closes_ms"] <= clock.now_ms()
    if not is_due or account["owner"] != owner["id"]:
        return None
    if account["kind"] == organizations.ORGANIZATION:
        return _close_organization(account, owner, caller)
    return _close_own(account, owner, caller)


def _close_own(account: Item, user: Item, caller: Caller) -> int | None:
    """The user goes with it: whoever lets them in, or makes them an owner, revises the user."""
    actor, memberships = user["id"], members.list_of(user["id"])
    if any(each["role"] == OWNER for each in memberships):
        _postpone(account, user)
        return None
    _part(memberships, actor, "member.left", caller)
    _commit(
        account,
        user,
        caller,
        users.revise(user, {"closed_ms": clock.now_ms()}, remove=["password_hash", "factors"]),
        emails.forget(actor),
        *factors.forget(actor, factors.list_(actor)),
        *identities.unlink_all(identities.list_(actor)),
        *listings.end(listings.list_(actor), account["id"], actor, caller),
    )
    return int(account["epoch"]) + 1


def _close_organization(account: Item, owner: Item, caller: Caller) -> int:
    everybody, actor = members.list_(account["id"]), account["closing"]["by"]
    others = [each for each in everybody if each["role"] != OWNER]
    _part(others, actor, "member.removed", caller)
    _commit(
        account,
        owner,
        caller,
        *members.forget_owner(account["id"], owner["id"]),
        *[write for each in invitations.list_(account["id"]) for write in invitations.end(each)],
    )
    return int(account["epoch"]) + 1


def _part(memberships: Iterable[Item], actor: str, action: str, caller: Caller) -> None:
    for each in memberships:
        Transaction().add(
            *members.part(each),
            record(each["account"], actor, action, each["user"], caller),
        ).commit()


def _commit(account: Item, owner: Item, caller: Caller, *also: Write) -> None:
    epoch, closed_ms, id_ = int(account["epoch"]) + 1, clock.now_ms(), account["id"]
    closed = {"account": id_, "user": owner["id"], "kind": account["kind"], "closed_ms": closed_ms}
    by = {"user": owner["id"], "address": caller.address, "request": caller.request}
    Transaction().add(
        store.close(account, epoch),
        *also,
        record(id_, owner["id"], "account.closed", id_, caller),
        events.announce(users.table(), "account.secured", {"account": id_, "epoch": epoch}),
        events.announce(users.table(), "account.closed", closed),
        notify(owner["email"], "account_closed", {"account": id_, "epoch": epoch} | by),
    ).commit()


def _postpone(account: Item, owner: Item) -> None:
    until_ms = clock.now_ms() + POSTPONED_MS
    Transaction().add(
        store.postpone(account, until_ms), notify(owner["email"], "account_closing_postponed")
    ).commit()
