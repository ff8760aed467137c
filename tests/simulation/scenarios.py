"""What customers do and what models answer: each scenario is one way through submit, completion,
sweep and cancel. A scenario's `ends` are the states its jobs reach when nothing fails."""

import base64
import io
import json
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from PIL import Image

from sluice.table import Table
from tests.events import Answer
from tests.seeds import Customer, give_grant
from tests.simulation.detectors import COLOURS, DOUBTFUL, FORBIDDEN
from tests.simulation.endpoints import Invocation, Model, Work
from tests.simulation.world import World

JOBS = "/v1/inference/jobs"
MAX_TRIES = 15
"""More than the faults of any disorder last."""
RETRY_S = 3
NARROW = "narrow"
"""A tier with a single slot at each model."""
AMPLE_NANOS = 1_000_000_000
LONG = " ".join(f"word{number}" for number in range(600))
"""Longer than what a job's item keeps inline, as input and as output."""


class Client:
    """One customer's program: it repeats a request until it is answered for good."""

    def __init__(self, world: World, customer: Customer) -> None:
        self.world, self.customer = world, customer
        self.answers: list[tuple[str, Answer]] = []
        self.jobs: dict[str, str] = {}

    def submit(
        self,
        name: str,
        body: Mapping[str, Any],
        then: Callable[[str], None] | None = None,
        *,
        path: str = JOBS,
        tries: int = MAX_TRIES,
    ) -> None:
        """`name` is the idempotency key, if not empty; `then` gets the job's id."""

        def answered(answer: Answer) -> None:
            if answer.status in (200, 202) and "id" in answer.json:
                self.jobs[name] = answer.json["id"]
                if then:
                    then(answer.json["id"])

        self._ask(
            "submit",
            "POST",
            path,
            answered,
            tries,
            body=body,
            headers={"idempotency-key": name} if name else {},
        )

    def delete(self, job: str, after_s: float = 0.0) -> None:
        """Cancel it, or delete what it left."""
        self.world.later(
            after_s, lambda: self._ask("delete", "DELETE", f"{JOBS}/{job}", lambda _: None)
        )

    def _ask(
        self,
        kind: str,
        method: str,
        path: str,
        then: Callable[[Answer], None],
        tries: int = MAX_TRIES,
        **parts: Any,
    ) -> None:
        def answered(answer: Answer | None) -> None:
            if answer is not None:
                self.answers.append((path, answer))
            if answer is not None and answer.status < 500 and answer.status != 429:
                then(answer)
            elif tries > 1:
                self.world.later(
                    RETRY_S, lambda: self._ask(kind, method, path, then, tries - 1, **parts)
                )

        self.world.call(kind, method, path, answered, bearer=self.customer.key, **parts)


@dataclass(frozen=True, slots=True)
class Scenario:
    """`stalls` makes a process wait so many seconds before an operation, `slow_s` says how long a
    slow call may take in disorder; `is_warm` keeps caches between processes, as a warm Lambda
    does; a crowd is many jobs at once."""

    name: str
    script: Callable[[Client], None]
    model: Model
    ends: tuple[str, ...]
    granted_nanos: int = 0
    bought_nanos: int = AMPLE_NANOS
    is_endpoint_missing: bool = False
    outage_calls: int = 0
    tier: str = "free"
    is_warm: bool = False
    is_crowd: bool = False
    slow_s: tuple[int, ...] = (10, 40, 400)
    stalls: Mapping[tuple[str, str], float] = field(default_factory=dict)


# What is asked


def chat(content: str = "Say hello.", max_tokens: int = 32) -> dict[str, Any]:
    given = {"messages": [{"role": "user", "content": content}], "max_tokens": max_tokens}
    return {"model": "smollm2-135m", "input": given}


def embed(content: str = "query: a tower") -> dict[str, Any]:
    return {"model": "e5-small", "input": {"input": content}}


def upscale(says: str = "") -> dict[str, Any]:
    encoded = base64.b64encode(picture(64, says)).decode()
    return {"model": "span-x4", "input": {"image": encoded}}


def repaint(prompt: str = "a barn in snow", n: int = 2) -> dict[str, Any]:
    encoded = base64.b64encode(picture(256)).decode()
    return {"model": "sdxl-img2img", "input": {"prompt": prompt, "image": encoded, "n": n}}


def speak(text: str = "Good morning.") -> dict[str, Any]:
    return {"model": "joe-piper", "input": {"text": text, "format": "wav"}}


def listen() -> dict[str, Any]:
    return {"model": "whisper-tiny-en", "input": {"audio": base64.b64encode(sound()).decode()}}


@cache
def sound() -> bytes:
    """Half a second of silence as WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(8_000)
        written.writeframes(bytes(8_000))
    return file.getvalue()


@cache
def picture(side: int, says: str = "") -> bytes:
    """A PNG of one colour, which the detectors' double reads."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), COLOURS[says]).save(file, "PNG")
    return file.getvalue()


# What models answer


def answer_chat(text: str = "Hello.", tokens: int = 7) -> bytes:
    usage = {"prompt_tokens": 12, "completion_tokens": tokens, "total_tokens": 12 + tokens}
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return json.dumps({"choices": [choice], "usage": usage}).encode()


def answer_embedding() -> bytes:
    vector = {"object": "embedding", "index": 0, "embedding": [0.5] * 384}
    usage = {"prompt_tokens": 6, "total_tokens": 6}
    return json.dumps({"data": [vector], "usage": usage}).encode()


def answer_pictures(*says: str, side: int = 256) -> bytes:
    """One picture for each, of sizes of their own so that none can stand for another."""
    images = [
        {"data": base64.b64encode(picture(side - 40 * number, what)).decode(), "seed": number}
        for number, what in enumerate(says)
    ]
    return json.dumps({"images": images}).encode()


def answer_transcript(text: str = "Good morning.") -> bytes:
    return json.dumps({"text": text, "language": "en"}).encode()


def gives(output: bytes | None, **how: Any) -> Model:
    return lambda invocation, earlier: Work(output=output, **how)


def _silent_first(invocation: Invocation, earlier: int) -> Work:
    if earlier == 0:
        return Work(output=None, notices=0)
    return Work(output=answer_chat())


def _late_and_early(invocation: Invocation, earlier: int) -> Work:
    """The first run answers after the second one was sent, and otherwise."""
    return Work(
        output=answer_chat(f"Run {earlier}.", 5 + earlier), after_s=130.0 - 121 * min(earlier, 1)
    )


def _worse_second_picture(invocation: Invocation, earlier: int) -> Work:
    """The second run, begun in silence, paints something else over the first one's output, and
    its notice is lost."""
    if earlier == 0:
        return Work(output=picture(200), after_s=130.0)
    return Work(output=picture(200, FORBIDDEN), after_s=12.0, notices=0)


def _other_second_pictures(invocation: Invocation, earlier: int) -> Work:
    """Both runs answer, each with pictures of its own, one of the second's doubtful."""
    output = answer_pictures("", DOUBTFUL, side=160) if earlier else answer_pictures("", "")
    return Work(output=output, after_s=130.0 - 121 * min(earlier, 1))


def _changing_its_mind(invocation: Invocation, earlier: int) -> Work:
    """Every run says something else, and the later one sooner."""
    return Work(
        output=answer_chat(f"{LONG} {earlier}", 5 + earlier), after_s=130.0 - 121 * min(earlier, 1)
    )


# What customers do


def _once(body: dict[str, Any]) -> Callable[[Client], None]:
    return lambda client: client.submit("one", body)


def _cancel_after(seconds: float, body: dict[str, Any] | None = None) -> Callable[[Client], None]:
    return lambda client: client.submit(
        "one", body or chat(), lambda job: client.delete(job, after_s=seconds)
    )


def _two_at_once(client: Client) -> None:
    client.submit("one", chat("First."))
    client.submit("two", chat("Second."))


def _spend_then_receive(client: Client) -> None:
    """A first request takes almost everything; a grant comes; a second request needs it."""

    def receive(job: str) -> None:
        give_grant(client.world.stage, client.customer.account, 2_000_000)
        client.submit("two", chat("Second."))

    client.submit("one", chat("First."), receive)


def _one_of_a_task_that_is_gone(client: Client) -> None:
    """Eight jobs, and the first one's task is not known any more when a sweep finds them."""

    def spoil(job: str) -> None:
        jobs = Table(client.world.stage.table("jobs"))
        jobs.update(f"JOB#{job}", "JOB", set_={"task": "removed"}).send()

    client.submit("0", chat(), spoil)
    for number in range(1, 8):
        client.submit(f"{number}", chat())


def _eight_at_once(client: Client) -> None:
    for number in range(8):
        client.submit(f"{number}", chat(f"Number {number}."))


def _without_a_key(client: Client) -> None:
    client.submit("", chat(), tries=1)


def _cancel_and_ask_again(client: Client) -> None:
    def cancel(job: str) -> None:
        client.delete(job)
        client.world.later(2, lambda: client.submit("one", chat()))

    client.submit("one", chat(), cancel)


def _twice_the_same(client: Client) -> None:
    client.submit("one", chat())
    client.submit("one", chat())


def _wait_at_the_door(client: Client) -> None:
    body = {"model": "smollm2-135m", "messages": chat()["input"]["messages"], "max_tokens": 8}
    client.submit("one", body, path="/openai/v1/chat/completions", tries=2)


def _one_after_another(body: dict[str, Any]) -> Callable[[Client], None]:
    """The second is asked for while the first has the only slot."""
    return lambda client: client.submit("one", chat(), lambda _: client.submit("two", body))


def _cancel_the_second(client: Client) -> None:
    def ask_again(_: str) -> None:
        client.submit("two", chat(), client.delete)

    client.submit("one", chat(), ask_again)


def _cancel_the_first(client: Client) -> None:
    def ask_again(first: str) -> None:
        client.submit("two", chat())
        client.delete(first, after_s=1)

    client.submit("one", chat(), ask_again)


def _ten_at_once(client: Client) -> None:
    for number in range(10):
        client.submit(f"{number}", chat(f"Number {number}."))


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("chat", _once(chat()), gives(answer_chat()), ("succeeded",)),
        Scenario("long chat", _once(chat(LONG)), gives(answer_chat(LONG)), ("succeeded",)),
        Scenario("embedding", _once(embed()), gives(answer_embedding()), ("succeeded",)),
        Scenario("picture", _once(upscale()), gives(picture(200)), ("succeeded",)),
        Scenario("two pictures", _once(repaint()), gives(answer_pictures("", "")), ("succeeded",)),
        Scenario(
            "one forbidden of two pictures",
            _once(repaint()),
            gives(answer_pictures("", FORBIDDEN)),
            ("blocked",),
        ),
        Scenario(
            "two pictures painted twice", _once(repaint()), _other_second_pictures, ("succeeded",)
        ),
        Scenario(
            "forbidden prompt beside a picture",
            _once(repaint(FORBIDDEN)),
            gives(answer_pictures("", "")),
            ("blocked",),
        ),
        Scenario("spoken", _once(speak()), gives(sound()), ("succeeded",)),
        Scenario("heard", _once(listen()), gives(answer_transcript()), ("succeeded",)),
        Scenario(
            "forbidden words heard",
            _once(listen()),
            gives(answer_transcript(FORBIDDEN)),
            ("blocked",),
        ),
        Scenario("doubtful", _once(chat(DOUBTFUL)), gives(answer_chat(DOUBTFUL)), ("succeeded",)),
        Scenario("forbidden input", _once(chat(FORBIDDEN)), gives(answer_chat()), ("blocked",)),
        Scenario("forbidden picture", _once(upscale(FORBIDDEN)), gives(picture(200)), ("blocked",)),
        Scenario("forbidden answer", _once(chat()), gives(answer_chat(FORBIDDEN)), ("blocked",)),
        Scenario(
            "forbidden long answer",
            _once(chat()),
            gives(answer_chat(LONG + FORBIDDEN)),
            ("blocked",),
        ),
        Scenario(
            "forbidden result", _once(upscale()), gives(picture(200, FORBIDDEN)), ("blocked",)
        ),
        Scenario("failing model", _once(chat()), gives(None), ("failed",)),
        Scenario(
            "failure and success",
            _once(chat()),
            gives(answer_chat(), late_object_s=2, is_contradicted=True),
            ("failed",),
        ),
        Scenario("malformed answer", _once(chat()), gives(b"{"), ("failed",)),
        Scenario("silent model", _once(chat()), gives(None, notices=0), ("expired",)),
        Scenario("lost notice", _once(chat()), gives(answer_chat(), notices=0), ("succeeded",)),
        Scenario(
            "notice before object",
            _once(chat()),
            gives(answer_chat(), late_object_s=30),
            ("succeeded",),
        ),
        Scenario("second run answers", _once(chat(LONG)), _silent_first, ("succeeded",)),
        Scenario("two runs answer", _once(chat()), _late_and_early, ("succeeded",)),
        Scenario(
            "usage above the hold", _once(chat()), gives(answer_chat("Hi.", 10**6)), ("succeeded",)
        ),
        Scenario("cancelled", _cancel_after(0), gives(answer_chat(), after_s=30), ("canceled",)),
        Scenario("cancelled late", _cancel_after(1.0), gives(answer_chat()), ("canceled",)),
        Scenario("deleted", _cancel_after(20), gives(answer_chat(LONG)), ("succeeded",)),
        Scenario("asked twice", _twice_the_same, gives(answer_chat()), ("succeeded",)),
        Scenario(
            "missing endpoint", _once(chat()), gives(None), ("failed",), is_endpoint_missing=True
        ),
        Scenario(
            "grant and bought",
            _once(chat()),
            gives(answer_chat()),
            ("succeeded",),
            granted_nanos=400_000,
            bought_nanos=2_000_000,
        ),
        Scenario(
            "credit for one",
            _two_at_once,
            gives(answer_chat()),
            ("succeeded",),
            granted_nanos=300_000,
            bought_nanos=1_000_000,
        ),
        Scenario(
            "credit for three",
            _eight_at_once,
            gives(answer_chat()),
            ("succeeded",) * 3,
            granted_nanos=1_200_000,
            bought_nanos=2_100_000,
            is_crowd=True,
        ),
        Scenario(
            "credit that came meanwhile",
            _spend_then_receive,
            gives(answer_chat()),
            ("succeeded",) * 2,
            bought_nanos=1_200_000,
            is_warm=True,
        ),
        Scenario(
            "task that is gone",
            _one_of_a_task_that_is_gone,
            gives(answer_chat(), notices=0),
            ("expired", *("succeeded",) * 7),
            is_crowd=True,
        ),
        Scenario("without a key", _without_a_key, gives(answer_chat()), ("succeeded",)),
        Scenario(
            "cancelled and asked again",
            _cancel_and_ask_again,
            gives(answer_chat(), after_s=30),
            ("canceled",),
        ),
        Scenario(
            "picture that changes once it is screened",
            _once(upscale()),
            _worse_second_picture,
            ("blocked",),
            stalls={("completed#1", "CopyObject"): 5.0},
        ),
        Scenario(
            "cancelled while it ends",
            _cancel_after(3.0, upscale()),
            gives(picture(200)),
            ("canceled",),
            stalls={("completed#1", "TransactWriteItems"): 5.0},
        ),
        Scenario(
            "ended while it is cancelled",
            _cancel_after(0.5, upscale()),
            gives(picture(200)),
            ("succeeded",),
            stalls={("delete#1", "TransactWriteItems"): 5.0},
        ),
        Scenario("changing its mind", _once(chat()), _changing_its_mind, ("succeeded",)),
        Scenario(
            "screening is down", _once(chat()), gives(answer_chat()), ("succeeded",), outage_calls=5
        ),
        Scenario(
            "waiting its turn",
            _one_after_another(chat()),
            gives(answer_chat(), after_s=5),
            ("succeeded",) * 2,
            tier=NARROW,
        ),
        Scenario(
            "waiting with much to read",
            _one_after_another(chat(LONG)),
            gives(answer_chat(), after_s=5),
            ("succeeded",) * 2,
            tier=NARROW,
        ),
        Scenario(
            "blocked when its turn came",
            _one_after_another(chat(FORBIDDEN)),
            gives(answer_chat(), after_s=5),
            ("blocked", "succeeded"),
            tier=NARROW,
        ),
        Scenario(
            "cancelled while it waited",
            _cancel_the_second,
            gives(answer_chat(), after_s=20),
            ("canceled", "succeeded"),
            tier=NARROW,
        ),
        Scenario(
            "waiting for what was cancelled",
            _cancel_the_first,
            gives(answer_chat(), after_s=20),
            ("canceled", "succeeded"),
            tier=NARROW,
        ),
        Scenario(
            "waiting for a model that is silent",
            _one_after_another(chat()),
            gives(None, notices=0),
            ("expired",) * 2,
            tier=NARROW,
        ),
        Scenario(
            "more than its slots",
            _ten_at_once,
            gives(answer_chat(), after_s=5),
            ("succeeded",) * 10,
            is_crowd=True,
        ),
        Scenario("no credit", _once(chat()), gives(answer_chat()), (), bought_nanos=0),
        Scenario("waiting door", _wait_at_the_door, gives(answer_chat()), ("succeeded",)),
        Scenario(
            "waiting in vain",
            _wait_at_the_door,
            gives(answer_chat(), after_s=28),
            ("canceled",) * 2,
        ),
    )
}
