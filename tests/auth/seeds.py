"""Users as verification leaves them, on whatever the stage runs on, without a mail."""

from functions.auth.passwords import rules as passwords
from functions.auth.users import mailbox, service
from functions.auth.users.store import SignUp, pend
from sluice import clock, ids
from sluice.caller import Caller
from tests.auth.conftest import PASSWORD

HERE = Caller("203.0.113.7", "req_test", "curl/8.5.0")
EMAIL = "ada@example.com"


def verified(email: str = EMAIL, password: str = PASSWORD) -> service.Verified:
    """A user with an account, and no session."""
    sign_up = SignUp(
        id=ids.new("sup"),
        login=mailbox.login_of(email),
        email=email,
        password_hash=passwords.hash_(password),
        accepted={"terms": "2026-11-01"},
        address=HERE.address,
        browser="",
        code="",
        code_expires_ms=clock.now_ms(),
        created_ms=clock.now_ms(),
    )
    pend(sign_up).send()
    return service.redeem(sign_up, HERE)
