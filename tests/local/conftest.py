"""The emulator, for doubles that read and write through it."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import boto3
import httpx
import pytest
from botocore.config import Config

from tests.emulator import running

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 120  # the classifiers are trained when nothing is cached
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, f"it ended with {process.returncode}"
        try:
            httpx.get(url, trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{url} did not answer within {START_LIMIT_S} s")


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@cache
def client(service: str, url: str):  # type: ignore[no-untyped-def]  # any of boto3's clients
    session = boto3.Session("test", "test", region_name="us-east-1")
    # The double is to refuse what is wrong, so botocore leaves it to it; and a refusal is final.
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    return session.client(  # type: ignore[call-overload]  # stubs want a literal name
        service, endpoint_url=url, config=config
    )


@pytest.fixture(scope="session")
def emulator_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty emulator of our own."""
    with running(tmp_path_factory.mktemp("emulator")) as url:
        yield url


def start_double(
    module: str, arguments: list[str], python: Path = Path(sys.executable)
) -> tuple[str, subprocess.Popen[bytes]]:
    """A double in a process of its own, once it answers: its address and the process."""
    port = free_port()
    process = subprocess.Popen(
        [str(python), "-m", module, "--port", str(port), *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **CREDENTIALS},
    )
    url = f"http://127.0.0.1:{port}"
    wait_for(f"{url}/healthz", process)
    return url, process
