"""Asking people into an organization: a mail with a token that works once, for its address."""

import base64

from functions.auth.attempts.store import Limit, network, take
from functions.auth.audit.store import record
from functions.auth.digests import digest
from functions.auth.invitations import store
from functions.auth.mail import letters
from functions.auth.mail.service import send
from functions.auth.members import store as members
from functions.auth.organizations import service as organizations
from functions.auth.organizations import store as accounts
from functions.auth.sessions import store as sessions
from functions.auth.settings import settings
from functions.auth.users import mailbox
from functions.auth.users import store as users
from sluice import clock, ids
from sluice.caller import Caller
from sluice.errors import Conflict, Forbidden
from sluice.principal import Principal
from sluice.table import Item, Transaction

TOKEN_BYTES = 24
_MADE = Limit("invite", 50, 24 * 3600)
_MADE_MAILBOX = Limit("invite-mailbox", 10, 24 * 3600)
_TRIED = Limit("invitation-try", 50, 600)


def invite(principal: Principal, email: str, role: str, caller: Caller) -> Item:
    """Write to the mailbox; an earlier invitation of that address ends. Raises Conflict
    `already_member`, `too_many_invitations`, or `not_an_organization` for one's own account."""
    identity = mailbox.parse(email)
    login, account = mailbox.login_of(identity), accounts.get(principal.account)
    if account["kind"] != accounts.ORGANIZATION:
        raise Conflict("Make an organization first.", code="not_an_organization")
    owner = users.find_owner(login)
    if owner and members.find(principal.account, owner["id"]):
        raise members.already_member()
    if len(list_(principal)) >= store.MAX_PENDING:
        raise Conflict(
            f"There are {store.MAX_PENDING} invitations open; withdraw one first.",
            code="too_many_invitations",
        )
    take(_MADE, principal.account)
    take(_MADE_MAILBOX, login)
    token = base64.urlsafe_b64encode(ids.token(TOKEN_BYTES)).decode()
    new = store.id_of(principal.account, login)
    invitation: Item = {"id": new, "account": principal.account, "email": identity, "login": login}
    invitation |= {"role": role, "token": _digest(token), "by": principal.user}
    invitation["created_ms"] = clock.now_ms()
    _put(principal, invitation, caller)
    by, at = users.get(principal.user)["email"], settings().public_url
    send(identity, letters.invitation(account["name"], role, by, token, at))
    return store.find(principal.account, new) or invitation


def _put(principal: Principal, invitation: Item, caller: Caller) -> None:
    before = store.find(principal.account, invitation["id"])
    try:
        Transaction().add(
            *store.put(invitation, before),
            record(principal.account, principal.user, "invitation.made", invitation["id"], caller),
        ).commit()
    except store.InvitedAgainError as error:
        raise Conflict("Somebody else invites that address just now.", code="conflict") from error


def list_(principal: Principal) -> list[Item]:
    """Those that have not expired."""
    return [each for each in store.list_(principal.account) if each["expires_ms"] > clock.now_ms()]


def withdraw(principal: Principal, invitation: str, caller: Caller) -> None:
    """Raises NotFound."""
    found = store.find(principal.account, invitation)
    if found is None:
        raise store.unknown_invitation()
    Transaction().add(
        *store.end(found),
        record(principal.account, principal.user, "invitation.withdrawn", invitation, caller),
    ).commit()


def accept(principal: Principal, token: str, caller: Caller) -> organizations.Account:
    """Become a member. Raises NotFound `invitation_unknown`; Forbidden `invitation_not_yours` in
    the session of another address; Conflict `already_member`, `too_many_members` or
    `too_many_organizations`."""
    take(_TRIED, network(caller.address))
    invitation = store.find_by_token(_digest(token))
    if invitation is None:
        raise store.unknown_invitation()
    user = users.get(principal.user)
    users.revised(user, lambda now: _accept(now, invitation, principal, caller))
    account = accounts.get(invitation["account"])
    return organizations.Account(account, invitation["role"], is_own=False)


def _accept(user: Item, invitation: Item, principal: Principal, caller: Caller) -> None:
    if mailbox.login_of(user["email"]) != invitation["login"]:
        raise Forbidden(
            "This invitation is for another address; sign in with the one that it was sent to.",
            code="invitation_not_yours",
        )
    organizations.check_room(user["id"])
    account = invitation["account"]
    Transaction().add(
        sessions.is_open(principal),
        users.revise(user),
        *store.end(invitation),
        *members.join(account, user, invitation["role"]),
        members.count_in(account),
        record(account, user["id"], "member.joined", user["id"], caller),
    ).commit()


def _digest(token: str) -> str:
    return digest("invitation", token)
