"""Starting and stopping the platform, step by step."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

import httpx
import psutil

from local import deploy as deployment
from local import people
from local.home import ROOT, Home, read_json, write_json
from local.parts import Part, all_parts
from local.ports import Ports, check_free
from local.progress import Progress

READY_S: Final = 120
STOP_S: Final = 150
POLL_S: Final = 0.2
LAST_LINES: Final = 15


class StartFailed(Exception):
    """The message says which part did not come, and where its log lies."""


def running_ports(home: Home) -> Ports | None:
    """The ports of the platform that runs now, or None."""
    kept = read_json(home.running)
    if not kept or not psutil.pid_exists(kept["pid"]):
        return None
    return Ports(int(kept["port"]))


def start(home: Home, ports: Ports, progress: Progress) -> str:
    """Bring everything up; gives the demo account's key. Whatever was begun is stopped again when
    something fails or is interrupted."""
    if running_ports(home) is not None:
        progress.skip("starting the emulator")
        return _settle(home, ports, progress)
    check_free(ports)
    with _stopped_on_failure(home):
        with progress.step("starting the emulator"):
            _launch(home, ports)
            _wait_until_ready(home, all_parts(home, ports)[0])
        return _settle(home, ports, progress)


def _settle(home: Home, ports: Ports, progress: Progress) -> str:
    with progress.step("deploying the stacks with CDK, IAM enforced"):
        deployment.deploy(home, ports)
    with progress.step("waiting for the models' host, the classifiers and the front"):
        for part in all_parts(home, ports):
            _wait_until_ready(home, part)
    with progress.step("signing up the operator and the demo account"):
        return people.ensure(home, ports, deployment.public_url(ports))


@contextlib.contextmanager
def _stopped_on_failure(home: Home) -> Iterator[None]:
    try:
        yield
    except BaseException:  # whatever it was, interruption included, it goes on after the stop
        stop(home)
        raise


def _launch(home: Home, ports: Ports) -> None:
    home.logs.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "local", "supervise", "--home", str(home.folder)]
    with (home.logs / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--port", str(ports.front)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    write_json(home.running, {"pid": process.pid, "port": ports.front})


def _wait_until_ready(home: Home, part: Part) -> None:
    certificate = home.tls / "ca.pem"
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        if running_ports(home) is None:
            break
        with contextlib.suppress(httpx.HTTPError, OSError):
            verify = str(certificate) if part.ready.startswith("https") else True
            if httpx.get(part.ready, verify=verify, trust_env=False).is_success:
                return
        time.sleep(POLL_S)
    log = home.logs / f"{part.name}.log"
    last = log.read_text(errors="replace").splitlines()[-LAST_LINES:] if log.is_file() else []
    raise StartFailed("\n".join([*last, f"{part.name} did not come up; its log is {log}"]))


def stop(home: Home) -> bool:
    """Whether there was something to stop. Returns when nothing of it is left."""
    kept = read_json(home.running)
    if not kept or not psutil.pid_exists(kept["pid"]):
        home.running.unlink(missing_ok=True)
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(kept["pid"], signal.SIGTERM)
    try:
        psutil.Process(kept["pid"]).wait(STOP_S)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        os.kill(kept["pid"], signal.SIGKILL)
    home.running.unlink(missing_ok=True)
    return True


def forget(home: Home) -> None:
    """Stop, and delete all state: accounts, credit, jobs, files, logs."""
    stop(home)
    shutil.rmtree(home.folder, ignore_errors=True)
