"""Webhooks on the running product, to a real receiver that verifies with the public library."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from standardwebhooks import Webhook

from local import picture
from tests.e2e.product import Person, chat, end_of, submit, until

pytestmark = pytest.mark.xdist_group("platform")

MODEL = "smollm2-135m"
HOOKS = "/v1/inference/webhooks"
DELIVERIES = "/v1/inference/deliveries"
LIMIT_S = 90


@dataclass(slots=True)
class Receiver:
    """A server on this machine, as an API user would write it. What does not verify by `secrets`
    is refused; `failures` are answered first."""

    secrets: list[str] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    events: list[tuple[str, Any]] = field(default_factory=list)
    forged: int = 0
    url: str = ""

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        if self.failures:
            return self.failures.pop(0)
        for secret in self.secrets:
            # Raises when the signature or the time does not fit.
            event = Webhook(secret).verify(body, dict(headers))
            self.events.append((headers["webhook-id"], event))
            return 204
        self.forged += 1
        return 401

    def of(self, job: str) -> list[tuple[str, Any]]:
        return [one for one in self.events if one[1]["data"].get("id") == job]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): text for name, text in self.headers.items()}
            self.send_response(made.take(headers, body))
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name there
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
    Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def webhook(customer: Person, receiver: Receiver) -> Iterator[Any]:
    """The customer's, for as long as the test lasts."""
    made = customer.program.call("POST", HOOKS, {"url": receiver.url})
    receiver.secrets.append(made["secret"])
    yield made
    customer.program.send("DELETE", f"{HOOKS}/{made['id']}")


def test_the_end_of_a_job_is_told_and_verifies(
    customer: Person, receiver: Receiver, webhook: Any
) -> None:
    job = submit(customer.program, MODEL, chat("Say hello."), wait_s=25).json()
    until(lambda: bool(receiver.of(job["id"])), "the event", LIMIT_S)

    ((delivery, event),) = receiver.of(job["id"])
    assert event["type"] == f"job.{end_of(customer.program, job['id'])['status']}"
    assert event["data"] == customer.program.call("GET", f"/v1/inference/jobs/{job['id']}")
    assert receiver.forged == 0
    path = f"{DELIVERIES}/{delivery}"
    until(lambda: customer.program.call("GET", path)["state"] == "delivered", "the log", 10)
    told = customer.program.call("GET", f"/v1/inference/jobs/{job['id']}/timeline")["data"][-1]
    assert (told["event"], told["delivery"]["id"]) == ("delivered", delivery)


def test_a_failed_attempt_is_made_again_and_what_was_delivered_can_be_sent_once_more(
    customer: Person, receiver: Receiver, webhook: Any
) -> None:
    receiver.failures.append(500)
    key = {"Idempotency-Key": "once"}
    sent, again = (
        customer.program.call("POST", f"{HOOKS}/{webhook['id']}/test", headers=key)
        for _ in range(2)
    )
    path = f"{DELIVERIES}/{sent['id']}"
    until(lambda: customer.program.call("GET", path)["state"] == "delivered", "it", LIMIT_S)

    for _ in range(2):
        customer.program.call("POST", f"{path}/redeliver", headers=key)
    until(lambda: len(receiver.events) == 2, "the redelivery", LIMIT_S)

    assert again["id"] == sent["id"]
    assert {name for name, _ in receiver.events} == {sent["id"]}
    log = customer.program.call("GET", path)["attempts"]
    assert [attempt["status"] for attempt in log][:2] == [500, 204]


def test_a_job_s_own_webhook_verifies_by_the_default_secret(
    customer: Person, receiver: Receiver
) -> None:
    receiver.secrets.append(customer.program.call("POST", f"{HOOKS}/default/rotate")["secret"])
    body = {"model": MODEL, "input": chat("Hi."), "webhook": {"url": receiver.url}}

    job = customer.program.call("POST", "/v1/inference/jobs", body)
    until(lambda: bool(receiver.of(job["id"])), "the event", LIMIT_S)

    assert receiver.forged == 0


def test_an_inner_address_is_refused(customer: Person) -> None:
    for url in ("https://169.254.169.254/", "https://[::ffff:a9fe:a9fe]/", "http://2852039166/"):
        answer = customer.program.send("POST", HOOKS, {"url": url})

        assert (answer.status_code, json.loads(answer.content)["code"]) == (
            422,
            "invalid_webhook_url",
        )


def test_a_novita_task_tells_its_end_and_a_mock_in_that_familys_shape(
    customer: Person, receiver: Receiver
) -> None:
    receiver.secrets.append(customer.program.call("POST", f"{HOOKS}/default/rotate")["secret"])
    image = base64.b64encode(picture.draw()).decode()
    request = {"model_name": "span-x4", "image_base64": image, "scale_factor": 4}
    hook: dict[str, Any] = {"url": receiver.url}
    mock = hook | {"test_mode": {"enabled": True, "return_task_status": "TASK_STATUS_FAILED"}}

    asked = [{"extra": {"webhook": one}, "request": request} for one in (hook, mock)]
    done, mocked = (customer.program.call("POST", "/v3/async/upscale", one) for one in asked)
    until(lambda: len(receiver.events) == 2, "both events", LIMIT_S)

    told = {event["payload"]["task"]["task_id"]: event for _, event in receiver.events}
    assert {event["event_type"] for event in told.values()} == {"ASYNC_TASK_RESULT"}
    assert told[done["task_id"]]["payload"]["task"]["status"] == "TASK_STATUS_SUCCEED"
    assert told[mocked["task_id"]]["payload"]["task"]["status"] == "TASK_STATUS_FAILED"
    link = told[done["task_id"]]["payload"]["images"][0]["image_url"]
    assert picture.size(customer.program.download(link)) == (512, 512)
