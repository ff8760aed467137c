"""People who sign up, and the mailboxes they read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from logging import StreamHandler
from typing import Any

import pytest
from moto.ses.models import ses_backends

from functions.auth.api import handler
from sluice.log import logger
from tests.events import Answer, Context, answer_of, http
from tests.stage import ACCOUNT, REGION, Stage

PASSWORD = "seven quiet llamas"
CODE = re.compile(r"\b\d{8}\b")


def mails_to(email: str) -> list[str]:
    """The mails that reached an address, oldest first."""
    sent = ses_backends[ACCOUNT][REGION].sent_messages
    return [str(mail.body) for mail in sent if email in mail.destinations["ToAddresses"]]


@dataclass
class Person:
    """Someone at a keyboard; `cookies` is what the browser keeps."""

    email: str = "ada@example.com"
    password: str = PASSWORD
    address: str = "203.0.113.7"
    cookies: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, **parts: Any) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        event = http(method, f"/v1/auth{path}", cookie=cookie or None, **parts)
        event["requestContext"]["http"]["sourceIp"] = self.address
        answer = answer_of(handler(event, Context()))
        for line in answer.cookies:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        return answer

    def sign_up(self, **changes: Any) -> Answer:
        return self.send("POST", "/sign-up", body=self.registration() | changes)

    def registration(self) -> dict[str, Any]:
        return {
            "email": self.email,
            "password": self.password,
            "attestation": {"age_or_authority": True},
            "accept": {"terms": "2026-11-01", "privacy": "2026-11-01"},
        }

    def code(self) -> str:
        """From the newest mail to this person."""
        newest = mails_to(self.email.lower())[-1]
        found = CODE.search(newest)
        assert found, newest
        return found.group()

    def verify(self, code: str | None = None) -> Answer:
        return self.send("POST", "/verify", body={"email": self.email, "code": code or self.code()})

    def sign_in(self, password: str | None = None) -> Answer:
        return self.send(
            "POST", "/sign-in", body={"email": self.email, "password": password or self.password}
        )

    def create_key(self, body: Mapping[str, Any] | None = None, **parts: Any) -> Answer:
        return self.send(
            "POST", "/keys", body={"name": "laptop"} if body is None else body, **parts
        )


def become_user(person: Person) -> Person:
    assert person.sign_up().status == 201
    assert person.verify().status == 200
    assert person.sign_in().status == 200
    return person


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """What product code logs."""
    lines, stream = StringIO(), logger.registered_handler
    assert isinstance(stream, StreamHandler)
    before = stream.setStream(lines)
    yield lines
    stream.setStream(before)


@pytest.fixture
def ada(aws: Stage) -> Person:
    """A person who has not signed up."""
    return Person()


@pytest.fixture
def user(ada: Person) -> Person:
    """A verified user with a session."""
    return become_user(ada)


@pytest.fixture
def stranger(aws: Stage) -> Person:
    """A user of another account, from another network."""
    return become_user(Person("mallory@example.org", "nine loud herons", "198.51.100.9"))
