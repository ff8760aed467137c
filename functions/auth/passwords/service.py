"""Changing a password, and setting a new one by proof of the mailbox."""

from functions.auth import codes
from functions.auth.attempts.store import Limit, network, take
from functions.auth.audit.store import record
from functions.auth.challenges import service as challenges
from functions.auth.digests import digest, matches
from functions.auth.emails import store as emails
from functions.auth.factors.store import count_of
from functions.auth.identities import store as identities
from functions.auth.mail import letters
from functions.auth.mail.service import send
from functions.auth.mail.store import notify
from functions.auth.passwords import proof, rules, store
from functions.auth.sessions import ends
from functions.auth.sessions import store as sessions
from functions.auth.sessions.freshness import check_fresh
from functions.auth.settings import settings
from functions.auth.users import mailbox
from functions.auth.users import store as users
from sluice.caller import Caller
from sluice.principal import Principal, forget_cached, new_session_token
from sluice.table import Item, Transaction

# Of a mailbox as a whole there are more, or one network could keep its owner from a reset.
_ASKED_HERE = Limit("reset-here", 5, 3600)
_ASKED = Limit("reset", 20, 3600)
_ASKED_NETWORK = Limit("reset-network", 50, 3600)
_TRIED_NETWORK = Limit("reset-try", 50, 600)


def change(principal: Principal, token: str, current: str, new: str, caller: Caller) -> str:
    """A new password by proof of the current one; gives this session's new token, and ends all
    other sessions and whatever was pending. Of a user with second factors it takes a fresh session,
    too. Raises Forbidden `wrong_password`, `step_up_required`, InvalidInput `weak_password`,
    RateLimited."""
    user = users.get(principal.user)
    if count_of(user):
        check_fresh(principal)
    proof.check(user, current, caller)
    rules.check(new, user["email"])
    hashed = rules.hash_(new)
    return users.revised(user, lambda now: _change(user, now, hashed, principal, token, caller))


def _change(
    asked: Item, user: Item, hashed: str, principal: Principal, token: str, caller: Caller
) -> str:
    """`asked` is the user whose password was found right, `user` the same as it stands now."""
    proof.check_unchanged(asked, user)
    session = sessions.get(token)
    others = [each for each in sessions.list_(user["id"]) if each["id"] != session["id"]]
    renewed = new_session_token()
    Transaction().add(
        users.revise(user, {"password_hash": hashed}),
        *sessions.renew(session, renewed),
        *ends.end(others, principal.account, principal.user, caller),
        store.forget(mailbox.login_of(user["email"])),
        emails.forget(user["id"]),
        record(principal.account, principal.user, "password.changed", principal.user, caller),
        notify(user["email"], "password_changed"),
    ).commit()
    forget_cached()
    return renewed


def ask(email: str, caller: Caller, challenge: str | None = None) -> None:
    """Write to the mailbox: a code, or that it has no account. What it does and how long it takes
    must not tell the two apart. A sign-up that was never verified is no account: whatever somebody
    else prepared under this address stays as useless as it was."""
    identity = mailbox.parse(email)
    login, here = mailbox.login_of(identity), network(caller.address)
    take(_ASKED_NETWORK, here)
    take(_ASKED_HERE, login, here)
    take(_ASKED, login)
    challenges.check("reset", challenge, caller)
    user = users.find_owner(login)
    code = codes.new()
    store.pend(login, _digest(login, code), user["id"] if user else None).send()
    minutes = store.RESET_VALID_S // 60
    known = letters.password_reset(code, minutes)
    send(identity, known if user else letters.no_account(settings().public_url))


def reset(email: str, code: str, new: str, caller: Caller) -> None:
    """A new password by the mailed code, which proves the mailbox: whoever had come in before is
    out, with every session and whatever was pending. Raises InvalidInput `invalid_code`,
    `weak_password`, RateLimited."""
    identity = mailbox.parse(email)
    login = mailbox.login_of(identity)
    take(_TRIED_NETWORK, network(caller.address))
    rules.check(new, identity)
    pending = store.find(login)
    if not pending or "user" not in pending or not _is_right(login, code, pending["code"]):
        raise users.wrong_code()
    hashed = rules.hash_(new)
    users.revised(
        users.get(pending["user"]), lambda now: _reset(now, login, pending["code"], hashed, caller)
    )


def _reset(user: Item, login: str, code: str, hashed: str, caller: Caller) -> None:
    if users.is_closed(user):
        raise users.wrong_code()
    account, actor = user["account"], user["id"]
    Transaction().add(
        store.redeem(login, code, actor),
        users.is_login_of(login, actor),
        users.revise(user, {"password_hash": hashed}),
        emails.forget(actor),
        *identities.unlink_all(_foreign(user)),
        *ends.end(sessions.list_(actor), account, actor, caller),
        record(account, actor, "password.reset", actor, caller),
        notify(user["email"], "password_reset"),
    ).commit()
    forget_cached()


def _foreign(user: Item) -> list[Item]:
    """Linked identities of other mailboxes than the one that was proven just now: whoever had come
    in before may have linked them to come back by."""
    return [each for each in identities.list_(user["id"]) if each["email"] != user["email"]]


def _digest(login: str, code: str) -> str:
    return digest("reset-code", f"{login}:{code}")


def _is_right(login: str, code: str, expected: str) -> bool:
    return matches("reset-code", f"{login}:{code}", expected)
