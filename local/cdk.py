"""CDK's command line as a process in the background, its words kept in a log and followed."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

from local.home import ROOT

COMMAND: Final = ROOT / "node_modules" / ".bin" / "cdk"
TIMEOUT_S: Final = 900
POLL_S: Final = 0.2
LAST_LINES: Final = 30


class DeploymentFailed(Exception):
    """The message holds CDK's last lines and the log's path."""


class Run:
    """One run, begun at once. Leaving its context ends it, finished or not."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], cwd: Path, log: Path
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._arguments, self._log = arguments, log
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                [str(COMMAND), *arguments],
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def wait(self, follow: Callable[[str], None] = lambda line: None) -> None:
        """Until it ends well, telling `follow` every line; otherwise raises DeploymentFailed."""
        until = time.monotonic() + TIMEOUT_S
        with self._log.open(errors="replace") as words:
            while self._process.poll() is None and time.monotonic() < until:
                for line in _whole_lines(words):
                    follow(line)
                time.sleep(POLL_S)
            for line in _whole_lines(words):
                follow(line)
        if self._process.poll() != 0:
            raise DeploymentFailed(self._complaint())

    def _complaint(self) -> str:
        last = "\n".join(self._log.read_text(errors="replace").splitlines()[-LAST_LINES:])
        ended = self._process.returncode
        how = f"did not end within {TIMEOUT_S} s" if ended is None else "failed"
        return f"{last}\n`cdk {self._arguments[0]}` {how}; all it said is in {self._log}"


def _whole_lines(words: TextIO) -> Iterator[str]:
    """The lines that are there by now; half a line is left for later."""
    while True:
        here = words.tell()
        line = words.readline()
        if not line.endswith("\n"):
            words.seek(here)
            return
        yield line.rstrip()
