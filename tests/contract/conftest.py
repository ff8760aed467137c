"""All four services in one process, on one clock, with doubles of models and detectors."""

import json

import boto3
import pytest

import sluice.clock
from tests.contract.asker import Asker
from tests.inference import samples
from tests.inference.gallery import PICTURE_MODELS, paint
from tests.inference.platform import Agenda, Platform, answer_well
from tests.replaced import forget_everything
from tests.simulation.endpoints import Invocation, Work
from tests.stage import SERVED, Stage


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Agenda:
    agenda = Agenda()
    monkeypatch.setattr(sluice.clock, "current", agenda)
    return agenda


@pytest.fixture
def platform(aws: Stage, clock: Agenda, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """One that serves nearly every model, so that their answers are seen too."""
    endpoints = {
        model: {"endpoint": f"{aws.prefix}-{model}", "wake_s": 5, "timeout_s": 60}
        for model in {*SERVED, *PICTURE_MODELS}
    }
    monkeypatch.setenv("ENDPOINTS", json.dumps(endpoints))
    forget_everything()
    made = Platform(aws, clock)
    made.model = work
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", made.seam.session())
    return made


@pytest.fixture
def asker(platform: Platform) -> Asker:
    return Asker(platform)


def work(invocation: Invocation, earlier: int) -> Work:
    """What each model's container answers."""
    model = invocation.endpoint
    if model.endswith(PICTURE_MODELS):
        return paint(invocation, earlier)
    if model.endswith("joe-piper"):
        return Work(output=samples.sound())
    if model.endswith("whisper-tiny-en"):
        return Work(output=samples.transcript())
    return answer_well(invocation, earlier)
