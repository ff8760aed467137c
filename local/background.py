"""The supervisor as a process in the background: launched, awaited, stopped."""

import contextlib
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Final

import httpx
import psutil

from local.home import ROOT, Home, read_json, write_json
from local.parts import Part, own_environment, python_path
from local.ports import Ports
from local.progress import Tell

READY_S: Final = 120
STOP_S: Final = 150
KILL_S: Final = 10
POLL_S: Final = 0.2
LAST_LINES: Final = 15
LATE_S: Final = 10
"""From here on whoever waits is told for what."""


class StartFailed(Exception):
    """The message says which part did not come, and where its log lies."""


def running_ports(home: Home) -> Ports | None:
    """The ports of the platform that runs now, or None."""
    supervisor = _supervisor(home)
    return None if supervisor is None else Ports(int(read_json(home.running)["port"]))


def _supervisor(home: Home) -> psutil.Process | None:
    """The process that the home names, unless another one has its number by now."""
    kept = read_json(home.running)
    if not kept:
        return None
    try:
        process = psutil.Process(kept["pid"])
        command = process.cmdline()
        # A process that is just being executed has no command yet: that is ours, too.
        is_other = bool(command) and "supervise" not in command
        if process.status() == psutil.STATUS_ZOMBIE or is_other:
            return None
    except psutil.Error:
        return None
    return process


def launch(home: Home, ports: Ports, *, faults: bool) -> None:
    """Start the supervisor, which outlives this process."""
    home.logs.mkdir(parents=True, exist_ok=True)
    home.died.unlink(missing_ok=True)
    where = ("--home", str(home.folder), "--port", str(ports.front))
    command = [sys.executable, "-m", "local", "supervise", *where]
    with (home.logs / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, *(["--faults"] if faults else [])],
            cwd=ROOT,
            env=own_environment() | {"PYTHONPATH": python_path()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    write_json(home.running, {"pid": process.pid, "port": ports.front})


def wait_until_ready(home: Home, part: Part, tell: Tell) -> None:
    """Raises StartFailed when it does not come, or when any part of the platform dies."""
    begun, told = time.monotonic(), False
    while time.monotonic() < begun + READY_S:
        if _supervisor(home) is None:
            break
        if _answers(home, part):
            return
        if not told and time.monotonic() > begun + LATE_S:
            tell(
                f"still waiting for the part `{part.name}`; its log is {home.logs / part.name}.log"
            )
            told = True
        time.sleep(POLL_S)
    raise StartFailed(_complaint(home, part))


def _answers(home: Home, part: Part) -> bool:
    ours = ssl.create_default_context(cafile=home.tls / "ca.pem")
    try:
        return httpx.get(part.ready, verify=ours, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _complaint(home: Home, part: Part) -> str:
    """About the part that died, if one did: the others were stopped for its sake."""
    died = read_json(home.died)
    name = died.get("part", part.name)
    how = f"ended with {died['status']}" if died else "did not come up"
    log = home.logs / f"{name}.log"
    last = log.read_text(errors="replace").splitlines()[-LAST_LINES:] if log.is_file() else []
    return "\n".join([*last, f"the part `{name}` {how}; its log is {log}"])


def stop(home: Home) -> bool:
    """Whether there was something to stop. Returns when nothing of it is left."""
    supervisor = _supervisor(home)
    if supervisor is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            parts = supervisor.children()
            supervisor.send_signal(signal.SIGTERM)
            _, stubborn = psutil.wait_procs([supervisor], STOP_S)
            _kill([*stubborn, *parts])
    home.running.unlink(missing_ok=True)
    return supervisor is not None


def bury(home: Home) -> None:
    """What a killed supervisor left is on its way out, but the emulator waits half a minute for
    connections that its functions' idle processes keep open: end those, and wait for it."""
    if not home.running.is_file() or _supervisor(home) is not None:
        return
    for worker in _naming(f"{home.scratch}{os.sep}"):
        with contextlib.suppress(psutil.Error):
            worker.kill()
    psutil.wait_procs(_naming(str(home.tls / "cert.pem")), STOP_S)
    home.running.unlink(missing_ok=True)


def _naming(path: str) -> list[psutil.Process]:
    """The processes in whose command the path stands."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if any(path in word for word in process.cmdline()):
                found.append(process)
    return found


def forget(home: Home) -> None:
    """Delete all state: accounts, credit, jobs, files, logs. What runs has nothing left to save, so
    it is killed."""
    supervisor = _supervisor(home)
    if supervisor is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            parts = supervisor.children()
            supervisor.kill()
            _kill([supervisor, *parts])
    shutil.rmtree(home.folder, ignore_errors=True)


def _kill(leaders: Sequence[psutil.Process]) -> None:
    """With their groups: every part leads one, and what it starts belongs to it."""
    for process in leaders:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    psutil.wait_procs(leaders, KILL_S)
