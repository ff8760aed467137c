"""A model's process: started on first use, reached over a socket it inherits, never left behind.

The worker's standard input is a pipe that this process holds. When the host ends, however it
ends, the pipe closes and the worker ends too.
"""

import asyncio
import os
import socket
import time
from pathlib import Path

import httpx

from local.modelhost.settings import Served

ROOT = Path(__file__).resolve().parents[2]
WAKE_LIMIT_S = 60.0
PING_EVERY_S = 0.05
STOP_LIMIT_S = 3.0
CLIENT_TIMEOUT_S = 3700.0  # above InvocationTimeoutSeconds, which decides
THREADS = "1"  # for the reason in models/frame.py


class WakeError(Exception):
    """The model's process did not come up."""


class InvocationTimeoutError(Exception):
    """No answer within InvocationTimeoutSeconds; the process was ended."""


class ModelDiedError(Exception):
    """The process ended during an invocation."""


class Worker:
    """A running model process."""

    def __init__(self, process: asyncio.subprocess.Process, client: httpx.AsyncClient) -> None:
        self.process = process
        self.client = client

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    @classmethod
    async def start(cls, served: Served, python: Path) -> "Worker":
        """The loaded model, or `WakeError` after `WAKE_LIMIT_S`."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            address = listener.getsockname()
            process = await _spawn(python, served.server, listener)
        client = httpx.AsyncClient(
            base_url=f"http://{address[0]}:{address[1]}", timeout=CLIENT_TIMEOUT_S, trust_env=False
        )
        worker = cls(process, client)
        try:
            await asyncio.wait_for(worker._ready(), WAKE_LIMIT_S)
        except (TimeoutError, WakeError) as error:
            await worker.stop()
            raise WakeError(f"{served.model} did not start") from error
        return worker

    async def invoke(
        self, body: bytes, headers: dict[str, str], timeout_s: float
    ) -> httpx.Response:
        """The container's answer; a model that does not answer in time is ended."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self.client.post("/invocations", content=body, headers=headers)
        except TimeoutError as error:
            await self.stop()
            raise InvocationTimeoutError from error
        except httpx.HTTPError as error:
            await self.stop()
            raise ModelDiedError from error

    async def stop(self) -> None:
        """End the process: asked first, then killed."""
        await self.client.aclose()
        if not self.alive:
            return
        self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), STOP_LIMIT_S)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()

    async def _ready(self) -> None:
        deadline = time.monotonic() + WAKE_LIMIT_S
        while time.monotonic() < deadline:
            if not self.alive:
                raise WakeError(f"the process ended with {self.process.returncode}")
            try:
                await self.client.get("/ping")
            except httpx.HTTPError:
                await asyncio.sleep(PING_EVERY_S)
            else:
                return


async def _spawn(python: Path, server: Path, listener: socket.socket) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            str(python),
            str(server),
            "--fd",
            str(listener.fileno()),
            pass_fds=[listener.fileno()],
            stdin=asyncio.subprocess.PIPE,
            env=_environment(),
        )
    except OSError as error:
        raise WakeError(f"{python} cannot be started") from error


def _environment() -> dict[str, str]:
    """No credentials and no proxies: a model reads weights and answers."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": THREADS,
        "OPENBLAS_NUM_THREADS": THREADS,
    }
