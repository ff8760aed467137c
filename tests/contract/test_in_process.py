"""Each operation is asked all that its description allows and much that it forbids: whatever comes
back is described, and nothing of it is a fault of ours."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings

from sluice import clock, ids
from sluice.principal import KEY_SCOPES, SESSION_COOKIE, SESSION_SCOPES, credential_pk
from sluice.table import Table
from tests.contract import document, gateway
from tests.events import Answer
from tests.inference.platform import Platform
from tests.seeds import give_credit, give_key
from tests.simulation.processes import VirtualLoop
from tests.stage import Stage

CREDIT_NANOS: Final = 10**13
PAUSE_S: Final = 2
"""Between requests, so that no minute's rate is used up."""
SESSION_MS: Final = 7 * 24 * 3600 * 1000

quick = document.schema(max_examples=5)
thorough = document.schema(max_examples=100)
relaxed = settings(suppress_health_check=list(HealthCheck), deadline=None)


class Asker:
    """Somebody with a key and a browser's session, and more credit than requests can use up."""

    def __init__(self, platform: Platform) -> None:
        account, stage = "acc_contract", platform.stage
        give_credit(stage, account, bought_nanos=CREDIT_NANOS)
        key = give_key(stage, account, scopes=KEY_SCOPES)
        cookie = f"{SESSION_COOKIE}={open_session(stage, account)}"
        around = within(platform)
        self.anyone = gateway.session(around, {})
        self.program = gateway.session(around, {"Authorization": f"Bearer {key}"})
        self.browser = gateway.session(around, {"Cookie": cookie})

    def ask(self, case: Any) -> Any:
        """Send a request as whoever may call the operation."""
        required = case.operation.definition.raw["security"]
        may_be_key = any("ApiKey" in one for one in required)
        caller = self.program if may_be_key else self.browser if required else self.anyone
        return case.call(base_url=gateway.URL, session=caller, allow_redirects=False)


@pytest.fixture
def asker(platform: Platform) -> Asker:
    return Asker(platform)


def open_session(stage: Stage, account: str) -> str:
    """A browser's session, as sign-in leaves it."""
    token, now_ms = ids.new("ses"), clock.now_ms()
    Table(stage.table("accounts")).put(
        {"pk": credential_pk("SESSION", token), "sk": "SESSION", "id": ids.new("ses")}
        | {"account": account, "user": "usr_contract", "scopes": sorted(SESSION_SCOPES)}
        | {"epoch": 0, "state": "active", "expires_ms": now_ms + SESSION_MS}
        | {"created_ms": now_ms, "ends_ms": now_ms + SESSION_MS}
    ).send()
    return token


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


# The same operations stand under a second prefix.
@quick.exclude(path_regex="^/v3/openai/").parametrize()
@relaxed
def test_no_answer_is_undescribed_and_none_is_our_fault(case: Any, asker: Asker) -> None:
    answer = asker.ask(case)

    document.judge(case, answer)


@pytest.mark.prove
@thorough.parametrize()
@relaxed
def test_none_is_of_many_more_either(case: Any, asker: Asker) -> None:
    answer = asker.ask(case)

    document.judge(case, answer)
