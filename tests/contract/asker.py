"""Who asks in these tests: somebody with a key and a session, on the stage's own time."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import requests

from functions.auth.sessions import store as sessions
from functions.auth.users import store as users
from sluice import clock, ids
from sluice.permissions import KEY_SCOPES
from sluice.principal import SESSION_COOKIE, new_session_token
from sluice.table import Table, Transaction
from tests.contract import gateway
from tests.events import Answer
from tests.inference.platform import Platform
from tests.seeds import give_credit, give_key
from tests.simulation.processes import VirtualLoop
from tests.stage import Stage

CREDIT_NANOS: Final = 10**13
PAUSE_S: Final = 2
"""Between requests, so that no minute's rate is used up."""


class Asker:
    """Somebody with a key and a browser's session, and more credit than requests can use up."""

    def __init__(self, platform: Platform) -> None:
        account, stage = "acc_contract", platform.stage
        give_credit(stage, account, bought_nanos=CREDIT_NANOS)
        open_account(stage, account)
        key = give_key(stage, account, scopes=KEY_SCOPES)
        cookie = f"{SESSION_COOKIE}={open_session(account)}"
        around = within(platform)
        self.anyone = gateway.session(around, {})
        self.program = gateway.session(around, {"Authorization": f"Bearer {key}"})
        self.browser = gateway.session(around, {"Cookie": cookie})

    def ask(self, case: Any) -> Any:
        """Send a request as whoever may call the operation."""
        caller = self.caller_of(case.operation.definition.raw)
        return case.call(base_url=gateway.URL, session=caller, allow_redirects=False)

    def caller_of(self, operation: Mapping[str, Any]) -> requests.Session:
        """Who may call it: anyone, a key, or only a session."""
        required = operation["security"]
        may_be_key = any("ApiKey" in one for one in required)
        return self.program if may_be_key else self.browser if required else self.anyone


def open_account(stage: Stage, account: str) -> None:
    """As verification leaves it."""
    Table(stage.table("accounts")).put(
        {"pk": f"ACCOUNT#{account}", "sk": "ACCOUNT", "id": account, "kind": "personal"}
        | {"owner": "usr_contract", "epoch": 0, "keys": 0, "created_ms": clock.now_ms()}
    ).send()
    Table(stage.table("accounts")).put(
        {"pk": "USER#usr_contract", "sk": "USER", "id": "usr_contract", "account": account}
        | {"email": "contract@example.com", "revision": 0}
    ).send()


def open_session(account: str) -> str:
    """A browser's session, as sign-in leaves it."""
    new = sessions.NewSession(ids.new("ses"), new_session_token(), "unknown", "unknown")
    user, owned = users.get("usr_contract"), sessions.get_account(account)
    Transaction().add(*sessions.open_(new, user, owned)).commit()
    return new.token


def within(platform: Platform) -> gateway.Send:
    """On the platform's clock, which goes on while a request waits."""

    def send(call: Callable[[], Answer]) -> Answer:
        platform.clock.advance(PAUSE_S)
        loop = VirtualLoop(platform.clock.now_ms, platform.clock.sleep)
        asyncio.set_event_loop(loop)
        try:
            return call()
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    return send
