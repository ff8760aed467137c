"""What every simulation needs: a seam under all clients, botocore's patience on virtual time."""

import types

import boto3
import botocore.endpoint
import pytest

import sluice.clock
import sluice.ids
from tests.seam import Seam


@pytest.fixture
def seam(monkeypatch: pytest.MonkeyPatch) -> Seam:
    made = Seam()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", made.session())
    patience = types.SimpleNamespace(sleep=sluice.clock.sleep)
    monkeypatch.setattr(botocore.endpoint, "time", patience)
    # Worlds replace these for themselves; this puts them back.
    monkeypatch.setattr(sluice.clock, "current", sluice.clock.current)
    monkeypatch.setattr(sluice.ids, "current", sluice.ids.current)
    return made
