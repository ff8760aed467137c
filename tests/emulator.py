"""The AWS emulator as a process of its own: where money may be judged."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stage import ACCOUNT, REGION

ROOT = Path(__file__).parent.parent
BINARY = ROOT / ".sluice" / "emulator" / "bin" / "ministack"
START_S = 30
STOP_S = 10
_POLL_S = 0.1


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Start on a free loopback port, give the address, stop. `folder` takes its log and files."""
    port = _free_port()
    # Nothing of this process's environment goes along: proxies and endpoints would lead astray.
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "LOG_LEVEL": "WARNING",
    }
    with (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            [BINARY], env=environment, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            _await(f"http://127.0.0.1:{port}", process, folder)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(address: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with opener.open(f"{address}/_ministack/health", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(_POLL_S)
    raise RuntimeError(f"the emulator did not start; see {folder / 'emulator.log'}")
