"""The running product as its tests see it: over HTTP, with an account of their own.

Beside that they may look at the emulator as its root user, and make the doubles fail.
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
from openai import OpenAI

from local.client import Client
from local.deploy import emulated
from local.home import Home
from local.main_job import ENDED
from local.parts import STAGE, public_url
from local.ports import Ports

POLL_S: Final = 0.25
END_LIMIT_S: Final = 60
PASSWORD_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a verified account: a signed-in browser, and a program with a key."""

    email: str
    password: str
    browser: Client
    key: str
    program: Client

    @property
    def money(self) -> tuple[int, int]:
        """What is available and what is held, in nanos."""
        balance = self.program.call("GET", "/v1/billing/balance")
        return int(balance["available"]["nanos"]), int(balance["held"]["nanos"])


@dataclass(frozen=True, slots=True)
class Product:
    home: Home
    ports: Ports

    @property
    def url(self) -> str:
        return public_url(self.ports)

    def client(self, key: str | None = None) -> Client:
        return Client(self.url, key)

    def openai(self, key: str) -> OpenAI:
        """The unmodified client, told nothing but where to go and who asks."""
        return OpenAI(base_url=f"{self.url}/openai/v1", api_key=key, max_retries=0)

    def newcomer(self) -> Person:
        """Signs up, verifies, gets the free grant and makes a key."""
        email = f"{secrets.token_hex(6)}@example.com"
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        browser = self.client()
        browser.sign_up(email, password)
        browser.sign_in(email, password)
        browser.wait_for_credit()
        key = browser.call("POST", "/v1/auth/keys", {"name": "tests"})["secret"]
        return Person(email, password, browser, key, self.client(key))

    def aws(self, service: str) -> Any:
        """The emulator's own view, as its root user."""
        return emulated(self.home, self.ports, service)

    def keys_of(self, job: str) -> set[str]:
        """Everything in the files bucket that bears the job's id."""
        listed = self.aws("s3").list_objects_v2(Bucket=STAGE.bucket_name)
        return {entry["Key"] for entry in listed.get("Contents", []) if job in entry["Key"]}

    def model(self, model: str) -> Mapping[str, Any]:
        """A model's line of the host's health: state, pid, counts."""
        answer = self._double(self.ports.models).get("/healthz").json()
        line: Mapping[str, Any] = answer["models"][model]
        return line

    def break_model(self, model: str, kind: str, delay_s: float = 0) -> int:
        """The model host's next fault for this model; gives how many wait."""
        return self._break(self.ports.models, kind, model, delay_s)

    def break_moderation(self, operation: str, kind: str, delay_s: float = 0) -> int:
        return self._break(self.ports.moderation, kind, operation, delay_s)

    def mend(self) -> None:
        """Forget the faults that did not happen."""
        for port in (self.ports.models, self.ports.moderation):
            self._double(port).delete("/_faults").raise_for_status()

    def _break(self, port: int, kind: str, target: str, delay_s: float) -> int:
        fault = {"kind": kind, "target": target, "delay_s": delay_s}
        answer = self._double(port).post("/_faults", json=fault).raise_for_status()
        return int(answer.json()["waiting"])

    def _double(self, port: int) -> httpx.Client:
        return httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30)


def submit(
    program: Client, model: str, given: Mapping[str, Any], *, wait_s: int = 0, **headers: str
) -> httpx.Response:
    """POST a job; `headers` with underscores for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    wait = {"Prefer": f"wait={wait_s}"} if wait_s else {}
    body = {"model": model, "input": dict(given)}
    return program.send("POST", "/v1/inference/jobs", body, named | wait)


def end_of(program: Client, job: str, limit_s: float = END_LIMIT_S) -> Mapping[str, Any]:
    """The job once it has ended; it is looked at once, however little time is left."""
    until = time.monotonic() + limit_s
    wait = {"Prefer": f"wait={max(0, min(25, int(limit_s)))}"}
    while True:
        found: Mapping[str, Any] = program.call("GET", f"/v1/inference/jobs/{job}", headers=wait)
        if found["status"] in ENDED:
            return found
        assert time.monotonic() < until, f"{job} has not ended within {limit_s} s"


def chat(text: str, max_tokens: int = 8) -> dict[str, Any]:
    """The input of a chat job."""
    return {"messages": [{"role": "user", "content": text}], "max_tokens": max_tokens}


def until(holds: Callable[[], bool], what: str, limit_s: float = 30) -> None:
    """Wait for something that comes by itself."""
    end = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < end, f"{what}: not within {limit_s} s"
        time.sleep(POLL_S)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and machine code of a refusal."""
    return answer.status_code, json.loads(answer.content)["code"]
