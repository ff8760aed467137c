"""The one instance behind an endpoint: asleep, waking, awake."""

import asyncio
import enum
import logging
import time
from pathlib import Path

from local.modelhost.settings import Served
from local.modelhost.worker import WakeError, Worker

log = logging.getLogger("modelhost")

WAKE_RETRY_S = 5.0


class State(enum.StrEnum):
    ASLEEP = "asleep"
    WAKING = "waking"
    AWAKE = "awake"


class Instance:
    """A model's process, from zero and back."""

    def __init__(self, served: Served, python: Path) -> None:
        self.served = served
        self.state = State.ASLEEP
        self.changed = time.time()
        self.last_wake_s: float | None = None
        self.wake_failures = 0
        self._python = python
        self._worker: Worker | None = None

    @property
    def running(self) -> bool:
        return self._worker is not None and self._worker.alive

    @property
    def pid(self) -> int | None:
        return self._worker.pid if self._worker and self._worker.alive else None

    async def wake(self, until: float) -> Worker | None:
        """The running model, started if need be; None when `until` (monotonic) has passed."""
        while time.monotonic() < until:
            if self._worker and self._worker.alive:
                return self._worker
            try:
                await self._start()
            except WakeError as error:
                self.wake_failures += 1
                log.warning("%s; next try in %.0f s", error, WAKE_RETRY_S)
                await asyncio.sleep(WAKE_RETRY_S)
        return None

    async def sleep(self) -> None:
        worker, self._worker = self._worker, None
        if worker:
            await worker.stop()
            self._become(State.ASLEEP)

    async def _start(self) -> None:
        self._become(State.WAKING)
        began = time.monotonic()
        self._worker = await Worker.start(self.served, self._python)
        self.last_wake_s = round(time.monotonic() - began, 2)
        self._become(State.AWAKE)

    def _become(self, state: State) -> None:
        self.state = state
        self.changed = time.time()
        log.info("%s: %s", self.served.model, state)
