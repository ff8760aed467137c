"""Fixtures for every test: a clean environment, a stage in moto or in the emulator, own time.

`aws`       a stage in moto, in this process: rules, routes, handlers, stores
`emulator`  a stage in the emulator, another process: money and concurrency, where moto is wrong
`clock`     time that moves when told to        `seeded`   ids and tokens that repeat
"""

import asyncio
import os
import secrets
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

import sluice.clock
import sluice.ids
from tests import emulator as emulator_process
from tests import stage
from tests.replaced import ManualClock, SeededRandom, forget_everything
from tests.stage import ACCOUNT, REGION, Stage

_LEADS_ASTRAY = ("AWS_", "SLUICE_", "POWERTOOLS_", "CDK_")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "MOTO_ACCOUNT_ID": ACCOUNT,
    "POWERTOOLS_SERVICE_NAME": "test",
    "POWERTOOLS_METRICS_NAMESPACE": "Sluice",
}


def _clean_environment() -> None:
    for name in list(os.environ):
        if name.startswith(_LEADS_ASTRAY) or name.lower() in _PROXIES:
            del os.environ[name]
    os.environ |= _CREDENTIALS


# Before product code is imported: its logger reads the environment then.
_clean_environment()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test starts as a fresh process would, and leaves nothing behind."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    forget_everything()
    # Mangum asks for the thread's loop, and a simulation leaves none behind.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    loop.close()
    forget_everything()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A whole stage in moto, its environment set."""
    with mock_aws():
        made = Stage()
        stage.create_tables(made)
        stage.create_everything_else(made)
        _set(monkeypatch, made)
        yield made


@pytest.fixture(scope="session")
def emulator_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One emulator for each worker process of the test run."""
    with emulator_process.running(tmp_path_factory.mktemp("emulator")) as address:
        yield address


@pytest.fixture
def emulator(emulator_address: str, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A stage with four fresh tables in the emulator (no bucket, topic or queue: tests that need
    those either stay in moto or bring doubles)."""
    made = Stage(f"sluice-{secrets.token_hex(6)}", emulator_address)
    stage.create_tables(made)
    stage.create_secret(made)
    _set(monkeypatch, made)
    return made


def _set(monkeypatch: pytest.MonkeyPatch, made: Stage) -> None:
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    forget_everything()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    """Time for product code; it starts at a fixed noon and moves when told to."""
    manual = ManualClock()
    monkeypatch.setattr(sluice.clock, "current", manual)
    return manual


@pytest.fixture
def seeded(monkeypatch: pytest.MonkeyPatch) -> SeededRandom:
    """Ids and tokens that repeat from run to run."""
    source = SeededRandom(1)
    monkeypatch.setattr(sluice.ids, "current", source)
    return source
