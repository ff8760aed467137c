"""The way of a webhook in a world: the table's stream, the queue of lanes, the sweep of what is due
and the receivers, each as late, as doubled and as deadly as AWS and the internet may be."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

import functions.inference.webhooks.sender as sender_module
from functions.inference import attempts, deliveries, due
from functions.inference.webhooks.sender import Letter, Outcome, Sender
from tests import events
from tests.replaced import NOON_MS
from tests.seam import Call, Crash, Fault, Reply
from tests.simulation.world import World

SWEEP_EVERY_S = 60
QUIET_S = 5 * 24 * 3600
MAX_RECORD_TRIES = 10
POST = "Post"

type Behaviour = Callable[[Letter, int], Outcome]
"""What a receiver does with a letter at a time (milliseconds since the beginning)."""


class Receiver(Sender):
    """The internet as a service at the seam: a process may die before or after a request to it."""

    def __init__(self, world: World, behaviour: Behaviour) -> None:
        self._world, self._behaviour = world, behaviour
        self.answered: list[tuple[str, str, Outcome]] = []

    def post(self, letters: Sequence[Letter]) -> list[Outcome]:
        return [self._one(letter) for letter in letters]

    def _one(self, letter: Letter) -> Outcome:
        call = Call("receiver", POST, "POST", letter.url, letter.headers, letter.body)
        seam = self._world.seam
        seam.pause(call)
        fault = seam.decide(call)
        if fault is Fault.CRASH_BEFORE:
            raise Crash
        if fault is Fault.TIMEOUT_BEFORE:
            return Outcome(15_000, error="timeout")
        outcome = self._behaviour(letter, self._world.at_ms - NOON_MS)
        self.answered.append(
            (letter.headers["webhook-id"], json.loads(letter.body)["type"], outcome)
        )
        if fault is Fault.CRASH_AFTER:
            raise Crash
        if fault is Fault.TIMEOUT_AFTER:
            return Outcome(15_000, error="timeout")
        return outcome

    @property
    def taken(self) -> Counter[str]:
        """How often each event was answered well."""
        good = (200, 204)
        return Counter(name for name, _, outcome in self.answered if outcome.status in good)


class Post:
    """Carries a world's webhooks until nothing is left to carry."""

    def __init__(self, world: World, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.receiver = world, Receiver(world, behaviour)
        self._told: set[str] = set()
        self._is_armed = False
        monkeypatch.setattr(sender_module, "current", self.receiver)
        world.seam.doubles["sqs"] = self
        seen = world.seam.seen

        def follow(call: Call, fault: Fault | None, status: int) -> None:
            seen(call, fault, status)
            if call.service == "dynamodb" and status == 200:
                self._follow_stream()
                self._arm()

        world.seam.seen = follow

    # The stream

    def _follow_stream(self) -> None:
        for item in self.world.watch.jobs:
            if item["sk"] == "JOB" and "ended_ms" in item and item["pk"] not in self._told:
                self._told.add(item["pk"])
                self._tell(item, MAX_RECORD_TRIES)
                if self._happens(0.2):
                    self._tell(item, MAX_RECORD_TRIES)

    def _happens(self, share: float) -> bool:
        return self.world.is_disorderly and self.world.rng.random() < share

    def _tell(self, item: dict[str, Any], tries: int) -> None:
        """A record comes again until it is handled, or ten times."""
        before = item | {"status": "accepted", "ended_ms": None}
        keys = {"pk": item["pk"], "sk": "JOB"}
        event = events.stream(self.world.stage.table("jobs"), "MODIFY", keys, new=item, old=before)

        def ended(process: Any) -> None:
            failed = process.failure or process.is_dead or process.result["batchItemFailures"]
            if failed and tries > 1:
                self._tell(item, tries - 1)

        def start() -> None:
            self.world.start(
                "deliveries", lambda: deliveries.handler(event, events.Context()), ended
            )

        self.world.later(self.world.rng.random() if self.world.is_disorderly else 0.2, start)

    # The queue

    def answer(self, call: Call) -> Reply:
        asked = call.json
        for message in asked.get("Entries", [asked]):
            self._carry(message["MessageBody"], message.get("DelaySeconds", 0))
        done = [{"Id": entry["Id"], "MessageId": "1"} for entry in asked.get("Entries", [])]
        answer = {"Successful": done, "Failed": []} if done else {"MessageId": "1"}
        return Reply(200, json.dumps(answer).encode())

    def _carry(self, body: str, delay_s: float) -> None:
        def deliver() -> None:
            self.world.deliver("webhooks", attempts.handler, body)

        if self._happens(0.1):
            return  # lost: the sweep is to bring it again
        self.world.later(delay_s, deliver)
        if self._happens(0.1):
            self.world.later(delay_s + 1, deliver)

    # The sweep

    def lanes(self) -> Iterator[dict[str, Any]]:
        return (item for item in self.world.stage.scan("jobs") if item["sk"] == "LANE")

    def _arm(self) -> None:
        """A sweep comes each minute; those that would find nothing are left out."""
        world = self.world
        lanes = [item for item in world.watch.jobs if item["sk"] == "LANE"]
        moments = [int(lane["gsi1sk"]) for lane in lanes if "gsi1sk" in lane]
        if not self._is_armed and moments and world.at_ms < NOON_MS + QUIET_S * 1000:
            self._is_armed = True
            wait_s = max(0.0, (min(moments) - world.at_ms) / 1000)
            world.later(wait_s + SWEEP_EVERY_S, self._sweep)

    def _sweep(self) -> None:
        event = events.schedule("due")

        def ended(_: Any) -> None:
            self._is_armed = False
            self.world.watch.read()
            self._arm()

        self.world.start("due", lambda: due.handler(event, events.Context()), ended)
