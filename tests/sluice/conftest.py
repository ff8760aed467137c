"""A table of its own for each test of the shared layer, in the emulator."""

import types

import boto3
import botocore.endpoint
import pytest

import sluice.clock
from sluice.table import Table
from tests.seam import Seam
from tests.stage import Stage


@pytest.fixture
def table(emulator: Stage) -> Table:
    return Table(emulator.table("ledger"))


@pytest.fixture
def seam(monkeypatch: pytest.MonkeyPatch) -> Seam:
    """Under all clients of product code; botocore waits between retries on the test's clock."""
    made = Seam()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", made.session())
    patience = types.SimpleNamespace(sleep=sluice.clock.sleep)
    monkeypatch.setattr(botocore.endpoint, "time", patience)
    return made
