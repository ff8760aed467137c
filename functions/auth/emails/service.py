"""Changing one's e-mail address: asked for in a fresh session, confirmed at the new mailbox, told
to the old."""

from functions.auth import codes
from functions.auth.attempts.store import Limit, network, take
from functions.auth.audit.store import record
from functions.auth.digests import digest, matches
from functions.auth.emails import store
from functions.auth.mail import letters
from functions.auth.mail.service import send
from functions.auth.mail.store import notify
from functions.auth.members import store as members
from functions.auth.passwords import store as resets
from functions.auth.sessions import ends
from functions.auth.sessions import store as sessions
from functions.auth.settings import settings
from functions.auth.users import mailbox
from functions.auth.users import store as users
from sluice.caller import Caller
from sluice.errors import InvalidInput
from sluice.principal import Principal, forget_cached
from sluice.table import Item, Transaction

_ASKED = Limit("email-change", 5, 3600)
_ASKED_MAILBOX = Limit("email-change-mailbox", 20, 3600)
_TRIED_NETWORK = Limit("email-change-try", 50, 600)


def ask(principal: Principal, email: str, caller: Caller) -> None:
    """Write to the new mailbox: a code, or to a user's own that somebody wanted it. The answer must
    not tell the two apart."""
    identity = mailbox.parse(email)
    login, user = mailbox.login_of(identity), users.get(principal.user)
    if identity == user["email"]:
        raise InvalidInput("This is your address already.", code="invalid_email")
    take(_ASKED, principal.user)
    take(_ASKED_MAILBOX, login)
    code = codes.new()
    Transaction().add(
        sessions.is_open(principal),
        store.pend(user["id"], principal.credential, identity, _digest(user["id"], code)),
        record(user["account"], user["id"], "email.change_asked", user["id"], caller),
    ).commit()
    known = letters.email_taken(settings().public_url)
    fresh = letters.email_change(code, store.CHANGE_VALID_S // 60)
    send(identity, known if users.is_known(login) else fresh)


def confirm(principal: Principal, code: str, caller: Caller) -> str:
    """Gives the new address. All other sessions end, and so does a reset that was asked for at the
    old one, which is told. Raises InvalidInput `invalid_code`, Conflict `email_taken`."""
    take(_TRIED_NETWORK, network(caller.address))
    pending = store.find(principal.user)
    if pending is None or not _is_right(principal.user, code, pending["code"]):
        raise users.wrong_code()
    user = users.get(principal.user)
    users.revised(user, lambda now: _confirm(now, pending, principal, caller))
    return str(pending["email"])


def _confirm(user: Item, pending: Item, principal: Principal, caller: Caller) -> None:
    old, new = (mailbox.login_of(email) for email in (user["email"], pending["email"]))
    listings = sessions.list_(user["id"])
    others = [each for each in listings if each["id"] != principal.credential]
    Transaction().add(
        sessions.is_open(principal),
        store.redeem(user["id"], principal.credential, pending["code"]),
        users.revise(user, {"email": pending["email"]}),
        store.claim(new, user["id"]),
        store.release(old, user["id"]),
        *members.readdress(user["id"], pending["email"], members.list_of(user["id"])),
        resets.forget(old),
        *ends.end(others, user["account"], user["id"], caller),
        record(user["account"], user["id"], "email.changed", user["id"], caller),
        notify(user["email"], "email_changed"),
    ).commit()
    forget_cached()


def _digest(user: str, code: str) -> str:
    return digest("email-code", f"{user}:{code}")


def _is_right(user: str, code: str, expected: str) -> bool:
    return matches("email-code", f"{user}:{code}", expected)
