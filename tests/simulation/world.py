"""A stage in miniature on a clock of its own: real handlers, the emulator's tables, everything
else in memory. It delivers events as AWS may: late, twice, in another order, and again after a
failure. Whatever happens is in `trace`, and each commit is checked against the rules of money.
"""

import asyncio
import heapq
import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from sluice import clock, ids
from tests import events
from tests.replaced import NOON_MS, SeededRandom, forget_everything
from tests.seam import Call, Crash, Fault, Seam, is_write
from tests.simulation.detectors import Detectors
from tests.simulation.endpoints import Endpoints, Model
from tests.simulation.processes import Plan, Process, VirtualLoop
from tests.simulation.storage import Storage
from tests.simulation.watch import Watch
from tests.stage import Stage

VISIBILITY_S = 90
TIMEOUTS_S = {
    "submit": 30,
    "delete": 30,
    "completed": 60,
    "billing-events": 60,
    "sweep": 55,
    "deliveries": 30,
    "webhooks": 60,
    "due": 30,
}
"""As in the templates: Lambda kills who takes longer, so a message never comes again too early."""
MAX_RECEIVES = 5
MAX_SKEW_MS = 300_000
SWEEP_EVERY_S = 60
MAX_STEPS = 20_000
GATEWAY_S = 30
QUIET_S = 3 * 3600
"""Every deadline lies within this; what is open later will be open for ever."""


class World(clock.Clock):
    """`plan` injects faults, `rng` decides ties, delays and duplicates; without `is_disorderly`
    events come in order, once, and processes run one after the other, but for `stalls`: seconds
    that a process waits before an operation. Unless `is_warm`, each begins knowing nothing."""

    def __init__(
        self,
        stage: Stage,
        seam: Seam,
        seed: int,
        model: Model,
        plan: Plan | None,
        is_disorderly: bool,
    ) -> None:
        self.rng = random.Random(seed)
        random.seed(seed)  # botocore's jitter
        self.stage, self.plan, self.is_disorderly = stage, plan, is_disorderly
        self.seam = seam
        self.at_ms = NOON_MS
        self.trace: list[str] = []
        self.is_warm = False
        self.slow_s: tuple[int, ...] = (10, 40, 400)
        self.stalls: Mapping[tuple[str, str], float] = {}
        self.started: Counter[str] = Counter()
        self.processes: list[Process] = []
        self.finished: list[Process] = []
        self._agenda: list[tuple[int, float, int, Callable[[], None]]] = []
        self._current: Process | None = None
        self.storage = Storage()
        self.detectors = Detectors(self.storage)
        self.endpoints = Endpoints(
            self.storage, model, self.later, self._notify, lambda: self.at_ms
        )
        self.watch = Watch(stage, self.storage, lambda: self.at_ms + MAX_SKEW_MS)
        seam.doubles = {
            "s3": self.storage,
            "bedrock-runtime": self.detectors,
            "rekognition": self.detectors,
            "sagemaker-runtime": self.endpoints,
            "sagemaker": self.endpoints,
        }
        seam.pause, seam.decide, seam.seen = self._pause, self._decide, self._seen
        clock.current, ids.current = self, SeededRandom(seed)
        forget_everything(keep_clients=True)

    # Time

    def now_ms(self) -> int:
        return self.at_ms + (self._current.skew_ms if self._current else 0)

    def sleep(self, seconds: float) -> None:
        if self._current:
            self._current.park(self.at_ms + max(1, round(seconds * 1000)))

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        due_ms = self.at_ms + round(seconds * 1000)
        tie = self.rng.random() if self.is_disorderly else 0.0
        heapq.heappush(self._agenda, (due_ms, tie, len(self.trace), action))
        self.trace.append(f"{self._when()} planned for +{seconds:.1f} s")

    def _when(self) -> str:
        return f"[{(self.at_ms - NOON_MS) / 1000:8.1f}]"

    # Processes

    def start(self, kind: str, run: Callable[[], Any], then: Callable[[Process], None]) -> Process:
        """Run a handler as a process of its own; `then` gets it when it is over."""
        self.started[kind] += 1
        name = f"{kind}#{self.started[kind]}"
        skew_ms = self.rng.choice((0, 0, 0, -MAX_SKEW_MS, MAX_SKEW_MS)) if self.is_disorderly else 0
        is_cold = self.rng.random() < 0.3 if self.is_disorderly else not self.is_warm
        if is_cold:
            forget_everything(keep_clients=True)

        def main() -> Any:
            loop = VirtualLoop(self.now_ms, self.sleep)
            asyncio.set_event_loop(loop)
            try:
                return run()
            finally:
                asyncio.set_event_loop(None)
                loop.close()
                then_soon()

        def then_soon() -> None:
            self.later(0, lambda: then(process))

        process = Process(name, main, skew_ms, self.at_ms + TIMEOUTS_S[kind] * 1000)
        self.processes.append(process)
        return process

    def run(self) -> None:
        """Until nothing is left to do."""
        for _ in range(MAX_STEPS):
            if not self._step():
                return
        raise AssertionError("the simulation does not come to rest")

    def _step(self) -> bool:
        ready = [p for p in self.processes if p.wake_ms <= self.at_ms]
        due = bool(self._agenda) and self._agenda[0][0] <= self.at_ms
        if ready and not (due and self.is_disorderly and self.rng.random() < 0.5):
            self._resume(self.rng.choice(ready) if self.is_disorderly else ready[0])
        elif due:
            heapq.heappop(self._agenda)[3]()
        else:
            return self._wait()
        return True

    def _wait(self) -> bool:
        moments = [p.wake_ms for p in self.processes] + [entry[0] for entry in self._agenda[:1]]
        if moments:
            self.at_ms = min(moments)
        return bool(moments)

    def _resume(self, process: Process) -> None:
        self._current = process
        process.is_dead = process.is_dead or self.at_ms > process.ends_ms
        process.resume()
        self._current = None
        if process.is_over:
            if process.is_dead:
                forget_everything(keep_clients=True)
            self.processes.remove(process)
            self.finished.append(process)
            self.trace.append(f"{self._when()} {process.name} is over: {process.failure!r}")

    # The seam

    def _pause(self, call: Call) -> None:
        process = self._current
        if process is None:
            return
        if process.is_dead:
            raise Crash
        stall_s = self.stalls.get((process.name, call.operation), 0.0)
        if self.is_disorderly:
            slow = self.rng.random() < 0.02
            stall_s += self.rng.choice(self.slow_s) if slow else self.rng.random() * 0.2
        process.park(self.at_ms + round(stall_s * 1000))

    def _decide(self, call: Call) -> Fault | None:
        process = self._current
        if process is None:
            return None
        number = len(process.calls)
        process.calls.append(call)
        fault = self.plan(process, number, call) if self.plan else None
        process.is_dead = fault in (Fault.CRASH_BEFORE, Fault.CRASH_AFTER)
        return fault

    def _seen(self, call: Call, fault: Fault | None, status: int) -> None:
        name = self._current.name if self._current else "-"
        said = f" ({fault})" if fault else ""
        self.trace.append(f"{self._when()} {name} {call.name} {status}{said}")
        if call.service == "dynamodb" and status == 200 and is_write(call) and not _counts(call):
            self.watch.check()

    # Deliveries

    def call(
        self,
        kind: str,
        method: str,
        path: str,
        then: Callable[[events.Answer | None], None],
        **parts: Any,
    ) -> None:
        """A client's request; `then` gets the answer, or None when there was none in time."""
        from functions.inference.api import handler

        begun_ms = self.at_ms

        def answered(process: Process) -> None:
            late = self.at_ms - begun_ms > GATEWAY_S * 1000
            answer = None if process.is_dead or late else events.answer_of(process.result)
            said = f"{answer.status} {answer.content[:300]!r}" if answer else "nothing"
            self.trace.append(f"{self._when()} the client got {said}")
            then(answer)

        event = events.http(method, path, **parts)
        self.start(kind, lambda: handler(event, events.Context()), answered)

    def _notify(self, text: str) -> None:
        if self.is_disorderly:
            if self.rng.random() < 0.15:
                self.trace.append(f"{self._when()} a notice is lost")
                return
            if self.rng.random() < 0.15:
                self.later(self.rng.choice((0, 1, 100, 600)), lambda: self._complete(text))
            delay_s = self.rng.choice((0, 0, 0.3, 5, 200))
        else:
            delay_s = 0
        self.later(delay_s, lambda: self._complete(text))

    def _complete(self, text: str) -> None:
        from functions.inference import completed

        self.deliver("completed", completed.handler, text)

    def deliver(self, kind: str, handler: Any, text: str, receives: int = 1) -> None:
        """As an event source mapping does: a message that was not deleted comes again, whether its
        handler failed, died, or only takes too long."""
        is_done = False

        def ended(process: Process) -> None:
            nonlocal is_done
            failed = process.failure or process.is_dead or process.result["batchItemFailures"]
            is_done = is_done or not failed

        def again() -> None:
            if not is_done and receives < MAX_RECEIVES:
                self.deliver(kind, handler, text, receives + 1)

        event = events.sqs(f"{self.stage.prefix}-{kind}", text)
        self.start(kind, lambda: handler(event, events.Context()), ended)
        self.later(VISIBILITY_S, again)

    def sweep_now_and_then(self) -> None:
        """Every minute or so, while anything is open or still to come; a sweep that would find
        nothing is left out."""
        if self.at_ms > NOON_MS + QUIET_S * 1000:
            return
        self.later(self._sweep_pause_s(), self._sweep)

    def _sweep_pause_s(self) -> int:
        return self.rng.choice((60, 60, 120, 300)) if self.is_disorderly else SWEEP_EVERY_S

    def _sweep(self) -> None:
        from functions.inference.sweeper import handler

        is_open = self.watch.has_open()
        if is_open:
            self.start(
                "sweep", lambda: handler(events.schedule(), events.Context()), lambda _: None
            )
        if is_open or self._agenda or self.processes:
            self.sweep_now_and_then()


def _counts(call: Call) -> bool:
    """A rate's counter is no money, and every request writes one."""
    return call.operation == "UpdateItem" and b"RATE#" in call.body
