"""A model that cannot be started is tried again, and never takes the endpoint down."""

import asyncio
import time
from pathlib import Path

import pytest

from local.modelhost import instance
from local.modelhost.instance import Instance, State
from tests.local.modelhost.test_expiry import SERVED


def test_a_model_that_cannot_start_is_tried_until_its_request_expires(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(instance, "WAKE_RETRY_S", 0.05)
    broken = Instance(SERVED, Path("/nowhere/python"))

    worker = asyncio.run(broken.wake(until=time.monotonic() + 0.2))

    assert worker is None
    assert broken.wake_failures > 1
    assert broken.state is State.WAKING
