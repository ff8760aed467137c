"""A platform with customers."""

import boto3
import pytest

import sluice.clock
from tests.inference.platform import Agenda, Client, Platform, Racing
from tests.stage import Stage


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Agenda:
    agenda = Agenda()
    monkeypatch.setattr(sluice.clock, "current", agenda)
    return agenda


@pytest.fixture
def platform(aws: Stage, clock: Agenda, monkeypatch: pytest.MonkeyPatch) -> Platform:
    made = Platform(aws, clock)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", made.seam.session())
    return made


@pytest.fixture
def racing(emulator: Stage, monkeypatch: pytest.MonkeyPatch) -> Racing:
    made = Racing(emulator)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", made.seam.session())
    return made


@pytest.fixture
def ada(platform: Platform) -> Client:
    """A customer with credit for hundreds of jobs."""
    return platform.customer()


@pytest.fixture
def mallory(platform: Platform) -> Client:
    """A customer of another account."""
    return platform.customer()
