"""Receivers of webhooks on a platform's own clock: the queue, the stream and the sweep are driven
as AWS would, and what is sent ends here instead of in a network."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from standardwebhooks import Webhook

import functions.inference.webhooks.sender as sender_module
from functions.inference import attempts, deliveries, due
from functions.inference.webhooks.sender import Letter, Outcome, Sender
from tests import events
from tests.events import Context
from tests.inference.platform import Client, Platform
from tests.seam import Call, Reply

SWEEP_S = 60
MAX_SWEEPS = 20_000
URL = "https://hooks.example.com/sluice"

type Behaviour = Callable[[Letter], Outcome]


def answers(status: int, **more: Any) -> Behaviour:
    return lambda letter: Outcome(7, status, **more)


def fails(error: str) -> Behaviour:
    return lambda letter: Outcome(7, error=error)


@dataclass(frozen=True, slots=True)
class Received:
    at_ms: int
    letter: Letter
    outcome: Outcome

    @property
    def json(self) -> Any:
        return json.loads(self.letter.body)

    @property
    def id(self) -> str:
        return self.letter.headers["webhook-id"]


class Receivers(Sender):
    """The internet: what each host does with a letter, and all that ever arrived."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self.behaviours: dict[str, Behaviour] = {}
        self.received: list[Received] = []
        self.most_at_once = 0

    def post(self, letters: Sequence[Letter]) -> list[Outcome]:
        self.most_at_once = max(self.most_at_once, len(letters))
        return [self._one(letter) for letter in letters]

    def _one(self, letter: Letter) -> Outcome:
        host = urlsplit(letter.url).netloc
        outcome = self.behaviours.get(host, answers(204))(letter)
        self.received.append(Received(self._now_ms(), letter, outcome))
        return outcome

    def taken(self) -> list[Received]:
        """What was answered well."""
        return [one for one in self.received if one.outcome.status in (200, 204)]


@dataclass(slots=True)
class Mail:
    """What carries webhooks on a platform: its stream, queue and sweep."""

    platform: Platform
    receivers: Receivers
    sent: int = 0
    failures: list[Any] = field(default_factory=list)

    def answer(self, call: Call) -> Reply:
        """SQS: each message comes to the worker when its delay is over."""
        asked = call.json
        messages = asked.get("Entries", [asked])
        for message in messages:
            self.sent += 1
            body = message["MessageBody"]
            delay_s = message.get("DelaySeconds", 0)
            self.platform.clock.later(delay_s, lambda body=body: self.work(body))  # type: ignore[misc]  # the default binds it
        done = [{"Id": entry["Id"], "MessageId": "1"} for entry in asked.get("Entries", [])]
        answer = {"Successful": done, "Failed": []} if done else {"MessageId": "1"}
        return Reply(200, json.dumps(answer).encode())

    def work(self, body: str) -> None:
        event = events.sqs("sluice-test-webhooks", body)
        self.failures += attempts.handler(event, Context())["batchItemFailures"]

    def stream(self, *jobs: str) -> None:
        """Tell of jobs' ends, as the table's stream does."""
        for job in jobs:
            pk = f"JOB#{job}"
            (item,) = [one for one in self.platform.stage.scan("jobs") if one["pk"] == pk]
            before = item | {"status": "accepted", "ended_ms": None}
            keys = {"pk": pk, "sk": "JOB"}
            event = events.stream("sluice-test-jobs", "MODIFY", keys, new=item, old=before)
            self.failures += deliveries.handler(event, Context())["batchItemFailures"]

    def pass_time(self, seconds: float) -> None:
        """With a sweep after each minute in which something was due."""
        clock = self.platform.clock
        until_ms = clock.at_ms + round(seconds * 1000)
        for _ in range(MAX_SWEEPS):
            moments = [int(lane["gsi1sk"]) for lane in self.lanes() if "gsi1sk" in lane]
            next_ms = max(min([*moments, until_ms]), clock.at_ms + SWEEP_S * 1000)
            if not moments or next_ms >= until_ms:
                clock.advance(max(0.001, (until_ms - clock.at_ms) / 1000))
                due.handler(events.schedule("due"), Context())
                clock.advance(1)
                return
            clock.advance((next_ms - clock.at_ms) / 1000)
            due.handler(events.schedule("due"), Context())
        raise AssertionError("too many sweeps")

    def lanes(self) -> list[dict[str, Any]]:
        return [one for one in self.platform.stage.scan("jobs") if one["sk"] == "LANE"]


def connect(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Mail:
    receivers = Receivers(platform.clock.now_ms)
    monkeypatch.setattr(sender_module, "current", receivers)
    mail = Mail(platform, receivers)
    platform.seam.doubles["sqs"] = mail
    return mail


def is_signed_by(secret: str, letter: Letter) -> bool:
    """By the public library's own signature, whatever its clock says."""
    named = letter.headers
    at = datetime.fromtimestamp(int(named["webhook-timestamp"]), UTC)
    expected = Webhook(secret).sign(named["webhook-id"], at, letter.body.decode())
    return expected in named["webhook-signature"].split(" ")


def create(client: Client, url: str = URL, **more: Any) -> Any:
    answer = client.send("POST", "/v1/inference/webhooks", body={"url": url} | more)
    assert answer.status == 201, answer.content
    return answer.json
