"""Keeps the platform's processes together: all of them run, or none.

It is started in the background by `up` and stopped by `down` (SIGTERM). When a part dies it stops
the others and says so in its log. Every part asks the kernel to be killed with it (Linux), so
that even `kill -9` leaves no process behind.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Final

import psutil

from local import certificate, streams
from local.home import Home, write_json
from local.parts import Part, all_parts
from local.ports import Ports

WATCH_S: Final = 0.5
STOP_S: Final = 60
"""The emulator writes its state while it stops."""
_PR_SET_PDEATHSIG: Final = 1


class Supervisor:
    """`faults` lets tests make the doubles fail on demand."""

    def __init__(self, home: Home, ports: Ports, *, faults: bool = False) -> None:
        self._home = home
        self._parts = all_parts(home, ports, faults=faults)
        self._ports = ports
        self._running: list[tuple[Part, subprocess.Popen[bytes]]] = []
        self._asked_to_stop = False

    def run(self) -> int:
        """Until asked to stop (0) or until a part dies (1)."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop_asked)
        certificate.ensure(self._home)
        for folder in (self._home.logs, self._home.scratch):
            folder.mkdir(parents=True, exist_ok=True)
        streams.rewind(self._home)
        write_json(self._home.running, {"pid": os.getpid(), "port": self._ports.front})
        try:
            for part in self._parts:
                self._running.append((part, _start(part, self._home.logs)))
            return self._watch()
        finally:
            self._stop_all()
            self._home.running.unlink(missing_ok=True)

    def _watch(self) -> int:
        """Who deletes the home has forgotten the platform, and cannot stop it any more."""
        while not self._asked_to_stop and self._home.running.is_file():
            for part, process in self._running:
                if process.poll() is not None:
                    status = process.returncode
                    print(f"{part.name} ended with {status}; stopping", file=sys.stderr)
                    write_json(self._home.died, {"part": part.name, "status": status})
                    return 1
            time.sleep(WATCH_S)
        return 0

    def _stop_asked(self, number: int, frame: FrameType | None) -> None:
        self._asked_to_stop = True

    def _stop_all(self) -> None:
        """In the reverse order, so that nothing loses what it needs. A forgotten platform has
        nothing to save, and is killed."""
        for part, process in reversed(self._running):
            begun = time.monotonic()
            if self._home.running.is_file():
                _stop(part, process)
            _end_group(process.pid)
            print(f"{part.name} stopped in {time.monotonic() - begun:.1f} s", file=sys.stderr)


def _stop(part: Part, process: subprocess.Popen[bytes]) -> None:
    """Asked first; the stubborn are killed."""
    if part.children_first:
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()


def _start(part: Part, logs: Path) -> subprocess.Popen[bytes]:
    with (logs / f"{part.name}.log").open("ab") as log:
        return subprocess.Popen(
            part.command,
            env=dict(part.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  # no thread runs here
        )


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end_group(group: int) -> None:
    """What a part started and left: the emulator's function workers, a model."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
