"""Becoming a user: a sign-up, a code by mail, and one transaction that makes user and account."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from functions.auth.attempts.store import Limit, network, take
from functions.auth.audit.store import record
from functions.auth.challenges import service as challenges
from functions.auth.digests import digest, matches
from functions.auth.documents.service import check_current
from functions.auth.mail import letters
from functions.auth.mail.letters import Letter
from functions.auth.mail.service import send
from functions.auth.passwords import rules as passwords
from functions.auth.settings import settings
from functions.auth.users import mailbox, store
from functions.auth.users.store import CodeSpentError, NewUser, SignUp
from sluice import clock, events, ids
from sluice.caller import Caller
from sluice.table import Transaction

CODE_DIGITS = 8
CODE_VALID_S = 600
BROWSER_TOKEN_BYTES = 24

# Of a mailbox as a whole there are more, or one network could keep its owner from signing up.
_SIGN_UPS_HERE = Limit("sign-up-here", 5, 3600)
_SIGN_UPS = Limit("sign-up", 20, 3600)
_SIGN_UPS_NETWORK = Limit("sign-up-network", 100, 3600)
_RESENDS = Limit("resend", 1, 60)
_RESENDS_HOUR = Limit("resend-hour", 5, 3600)
_VERIFICATIONS = Limit("verify", 50, 600)


@dataclass(frozen=True, slots=True)
class Verified:
    user: str
    account: str
    email: str


def sign_up(
    email: str,
    password: str,
    accepted: Mapping[str, str],
    caller: Caller,
    challenge: str | None = None,
) -> str:
    """Write to the mailbox: a code, or to a user's own that it is known. Gives the token that ties
    the code to this browser. What it does and how long it takes must not tell the two apart."""
    check_current(accepted)
    identity = mailbox.parse(email)
    passwords.check(password, identity)
    login, here = mailbox.login_of(identity), network(caller.address)
    take(_SIGN_UPS_NETWORK, here)
    take(_SIGN_UPS_HERE, login, here)
    take(_SIGN_UPS, login)
    challenges.check("sign-up", challenge, caller)
    browser, code = ids.token(BROWSER_TOKEN_BYTES).hex(), _new_code()
    new = ids.new("sup")
    pending = SignUp(
        id=new,
        login=login,
        email=identity,
        password_hash=passwords.hash_(password),
        accepted=accepted,
        address=caller.address,
        browser=digest("browser", browser),
        code=_code_digest(new, code),
        code_expires_ms=_code_expiry_ms(),
        created_ms=clock.now_ms(),
    )
    store.pend(pending).send()
    send(identity, _letter(login, code))
    return browser


def _letter(login: str, code: str) -> Letter:
    """The code, unless the address has an account: then its owner reads that."""
    if store.is_known(login):
        return letters.already_registered(settings().public_url)
    return letters.verification(code, CODE_VALID_S // 60)


def verify(email: str, code: str, browser: str | None, caller: Caller) -> Verified:
    """Make the user and the account of the sign-up that `code` belongs to; raises InvalidInput
    `invalid_code` for every other code."""
    identity = mailbox.parse(email)
    take(_VERIFICATIONS, network(caller.address))
    for sign_up in store.list_sign_ups(mailbox.login_of(identity), _browser_digest(browser)):
        if _is_right(sign_up, code):
            return redeem(sign_up, caller)
    raise store.wrong_code()


def _is_right(sign_up: SignUp, code: str) -> bool:
    try:
        store.try_code(sign_up).send()
    except CodeSpentError:
        return False
    return matches("verification-code", f"{sign_up.id}:{code}", sign_up.code)


def redeem(sign_up: SignUp, caller: Caller) -> Verified:
    """The one transaction that makes user and account; of several for one login one succeeds, and
    the others raise InvalidInput."""
    user, account = ids.new("usr"), ids.new("acc")
    person = mailbox.person_of(sign_up.email)
    verified = {"user": user, "account": account, "person": person}
    new = NewUser(
        user,
        account,
        person,
        sign_up.login,
        sign_up.email,
        sign_up.password_hash,
        sign_up.accepted,
        sign_up.address,
        sign_up.created_ms,
    )
    Transaction().add(
        store.redeem(sign_up),
        *store.create(new, taken=lambda old: store.wrong_code()),
        record(account, user, "user.verified", user, caller),
        events.announce(store.table(), "user.verified", verified),
    ).commit()
    return Verified(user, account, sign_up.email)


def resend(email: str, browser: str | None, caller: Caller) -> None:
    """A new code for the sign-up, if there is one; the old code ends."""
    identity = mailbox.parse(email)
    login = mailbox.login_of(identity)
    take(_VERIFICATIONS, network(caller.address))
    take(_RESENDS, login)
    take(_RESENDS_HOUR, login)
    for sign_up in store.list_sign_ups(login, _browser_digest(browser))[:1]:
        code = _new_code()
        with suppress(CodeSpentError):  # verified meanwhile
            store.renew_code(sign_up, _code_digest(sign_up.id, code), _code_expiry_ms()).send()
            send(identity, _letter(login, code))


def _new_code() -> str:
    return f"{int.from_bytes(ids.token(8), 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _code_digest(sign_up: str, code: str) -> str:
    return digest("verification-code", f"{sign_up}:{code}")


def _code_expiry_ms() -> int:
    return clock.now_ms() + CODE_VALID_S * clock.MS_PER_S


def _browser_digest(token: str | None) -> str | None:
    return digest("browser", token) if token else None
