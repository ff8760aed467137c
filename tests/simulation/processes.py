"""Concurrency that a seed owns: handlers run in threads, but one at a time, and change places only
where they call AWS or sleep. So every interleaving is a choice of the scheduler."""

import asyncio
import selectors
from collections.abc import Callable
from threading import Semaphore, Thread
from typing import Any

from tests.seam import Call, Crash, Fault

JOIN_S = 10
RESOLUTION_S = 0.0005


class Process:
    """One invocation of a function. `calls` are those it made, `skew_ms` is its clock's error, at
    `ends_ms` its time is over."""

    def __init__(self, name: str, run: Callable[[], Any], skew_ms: int, ends_ms: int) -> None:
        self.name = name
        self.skew_ms, self.ends_ms = skew_ms, ends_ms
        self.calls: list[Call] = []
        self.wake_ms = 0
        self.is_dead = False
        self.is_over = False
        self.result: Any = None
        self.failure: BaseException | None = None
        self._run = run
        self._go, self._parked = Semaphore(0), Semaphore(0)
        self._thread = Thread(target=self._main, name=name, daemon=True)
        self._thread.start()

    def resume(self) -> None:
        """Let it run until it parks again or is over."""
        self._go.release()
        self._parked.acquire()
        if self.is_over:
            self._thread.join(JOIN_S)

    def park(self, wake_ms: int) -> None:
        """Called by the process itself: wait for the scheduler, at least until `wake_ms`."""
        self.wake_ms = wake_ms
        self._parked.release()
        self._go.acquire()
        if self.is_dead:
            raise Crash

    def _main(self) -> None:
        self._go.acquire()
        try:
            if not self.is_dead:
                self.result = self._run()
        except BaseException as failure:  # noqa: BLE001  # a crash is what is looked for
            self.failure = failure
        finally:
            self.is_over = True
            self._parked.release()


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose timers wait on the simulation's clock."""

    def __init__(self, now_ms: Callable[[], int], sleep: Callable[[float], None]) -> None:
        super().__init__(_VirtualSelector(sleep))
        self._now_ms = now_ms
        # Timers that are due within this are due now; the default is finer than a float of this
        # size, and a timer due exactly now would never fire.
        self._clock_resolution = RESOLUTION_S

    def time(self) -> float:
        return self._now_ms() / 1000


class _VirtualSelector(selectors.DefaultSelector):
    def __init__(self, sleep: Callable[[float], None]) -> None:
        super().__init__()
        self._sleep = sleep

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0 if timeout else timeout)
        if timeout and timeout > 0 and not ready:
            self._sleep(timeout)
            ready = super().select(0)
        return ready


type Plan = Callable[[Process, int, Call], Fault | None]
"""Whether the process's call number n (from 0) fails, and how."""
