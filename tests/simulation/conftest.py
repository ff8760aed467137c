"""What every simulation needs: a seam under all clients, botocore's patience on virtual time."""

import logging
import types
from collections.abc import Iterator

import boto3
import botocore.endpoint
import pytest
from botocore.retries.quota import RetryQuota

import sluice.clock
import sluice.ids
from sluice.log import logger
from tests.seam import Seam


@pytest.fixture
def seam(monkeypatch: pytest.MonkeyPatch) -> Iterator[Seam]:
    made = Seam()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", made.session())
    patience = types.SimpleNamespace(sleep=sluice.clock.sleep)
    monkeypatch.setattr(botocore.endpoint, "time", patience)
    # Clients outlive the worlds, so what a process may spend on retries would be spent by all.
    monkeypatch.setattr(RetryQuota, "acquire", lambda quota, amount: True)
    # Worlds replace these for themselves; this puts them back.
    monkeypatch.setattr(sluice.clock, "current", sluice.clock.current)
    monkeypatch.setattr(sluice.ids, "current", sluice.ids.current)
    # A world's trace says what happened; thousands of logged refusals only cost time.
    level = logger.log_level
    logger.setLevel(logging.CRITICAL)
    yield made
    logger.setLevel(level)
