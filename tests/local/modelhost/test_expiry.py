"""Time in the queue: an expired request buys no model run, and nobody is told."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from local.doubles.faults import Faults
from local.modelhost.app import FAULTS
from local.modelhost.cloud import Cloud
from local.modelhost.endpoint import Endpoint, Surroundings
from local.modelhost.instance import Instance
from local.modelhost.invocation import Invocation, parse
from local.modelhost.settings import Places, Served

PLACES = Places("s3://files/raw", "s3://files/raw", "arn:ok", "arn:failed", "us-east-1", "0" * 12)
SERVED = Served("echo", "sluice-test-echo", Path("/nowhere/server.py"), wake_s=1, idle_s=1)


def an_invocation(ttl_s: int) -> Invocation:
    headers = {"x-amzn-sagemaker-requestttlseconds": str(ttl_s)}
    return parse("sluice-test-echo", headers, b"{}", PLACES)


def test_an_expired_request_never_wakes_the_model() -> None:
    nowhere = Cloud("http://127.0.0.1:1", "us-east-1")
    around = Surroundings(PLACES, nowhere, Faults(FAULTS), queue_limit=1)
    endpoint = Endpoint(SERVED, Instance(SERVED, Path("/nowhere/python")), around)
    fresh = an_invocation(60)
    assert fresh.expires > time.monotonic()

    endpoint.accept(replace(fresh, queued=fresh.queued - 61))

    async def run_a_while() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(endpoint.run(), 0.2)

    asyncio.run(run_a_while())
    assert endpoint.counts == {"accepted": 1, "expired": 1}
