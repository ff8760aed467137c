"""A platform with customers."""

import json

import boto3
import pytest

import sluice.clock
from functions.inference.models.service import known_cards
from tests.inference.platform import Agenda, Client, Platform, Racing
from tests.replaced import forget_everything
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
def all_served(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even the models that only a cloud can serve."""
    endpoints = {
        card.id: {"endpoint": f"{platform.stage.prefix}-{card.id}", "wake_s": 5, "timeout_s": 60}
        for card in known_cards()
    }
    monkeypatch.setenv("ENDPOINTS", json.dumps(endpoints))
    forget_everything(keep_clients=True)


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


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """What functions read of their environment, without a stage behind it."""
    for name, value in Stage().environment().items():
        monkeypatch.setenv(name, value)
    forget_everything()
