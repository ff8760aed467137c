"""The sender against real sockets: receivers that are slow, endless, rude or somewhere else."""

import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import trustme

from functions.inference.webhooks import sender
from functions.inference.webhooks.sender import Letter, Outcome, Sender
from tests.inference.platform import Agenda

SHORT_S = 1.0

type Script = Callable[[BaseHTTPRequestHandler], None]


class Receiver:
    """A server on loopback that does what its script says, and keeps what it was sent."""

    def __init__(self) -> None:
        self.script: Script = says(204)
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): text for name, text in self.headers.items()}
                receiver.requests.append((self.path, headers, body))
                with suppress(OSError):
                    receiver.script(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name there
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?a=b"


def says(status: int, body: bytes = b"", **headers: str) -> Script:
    def script(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return script


def drips(request: BaseHTTPRequestHandler) -> None:
    """A header that never ends, a byte every now and then."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(1_000):
        request.wfile.write(b"a")
        time.sleep(0.05)


def floods(request: BaseHTTPRequestHandler) -> None:
    """An answer without an end."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(10_000):
        request.wfile.write(b"x" * 65_536)


@pytest.fixture
def receiver(variables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("WEBHOOKS_REACH_LOOPBACK", "1")
    monkeypatch.setattr(sender, "TIMEOUT_S", SHORT_S)
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def post(*urls: str) -> list[Outcome]:
    headers = {"Content-Type": "application/json", "webhook-id": "dlv_1"}
    return Sender().post([Letter(url, headers, json.dumps({"a": 1}).encode()) for url in urls])


def test_a_letter_arrives_whole(receiver: Receiver) -> None:
    receiver.script = says(200, b"thanks")

    (outcome,) = post(receiver.url)

    assert (outcome.status, outcome.error, outcome.response) == (200, None, "thanks")
    ((path, headers, body),) = receiver.requests
    assert path == "/hooks?a=b"
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    assert headers["webhook-id"] == "dlv_1"
    assert body == b'{"a": 1}'


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    receiver.script = says(status, Location="http://169.254.169.254/latest/meta-data/")

    (outcome,) = post(receiver.url)

    assert outcome.status == status
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("script", [lambda request: time.sleep(5), drips])
def test_who_hangs_or_drips_is_cut_off(receiver: Receiver, script: Script) -> None:
    receiver.script = script
    begun = time.monotonic()

    (outcome,) = post(receiver.url)

    assert outcome.error == "timeout"
    assert time.monotonic() - begun < SHORT_S + 1


def test_those_beside_one_who_hangs_have_their_answers(receiver: Receiver) -> None:
    other = Receiver()
    receiver.script = lambda request: time.sleep(5)

    hanging, *answered = post(receiver.url, *[other.url] * 7)

    assert hanging.error == "timeout"
    assert [one.status for one in answered] == [204] * 7
    other.server.shutdown()
    other.server.server_close()


def test_an_endless_answer_is_read_no_further_than_its_beginning(receiver: Receiver) -> None:
    receiver.script = floods

    (outcome,) = post(receiver.url)

    assert outcome.status == 200
    assert outcome.response == "x" * 500


def test_what_is_no_http_is_said_to_be_none(receiver: Receiver) -> None:
    def greet(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n")

    receiver.script = greet

    (outcome,) = post(receiver.url)

    assert outcome.error == "invalid_answer"


def test_nobody_there_is_a_failed_connection(receiver: Receiver) -> None:
    receiver.server.server_close()

    (outcome,) = post(receiver.url)

    assert outcome.error == "connection_failed"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("-1", None),
        ("soon", None),
        ("9" * 30, None),
        ("٣", None),
        ("Wed, 25 Nov 2026 12:02:00 GMT", 120),
        ("Wednesday, 25-Nov-26 12:02:00 GMT", 120),
        ("Wed Nov 25 12:02:00 2026", 120),
        ("Wed, 25 Nov 2026 13:02:00 +0100", 120),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ("Wed, 25 Nov 2026", None),
        ("Wed, 31 Feb 2026 12:00:00 GMT", None),
        ("Wed, 25 Nov 99999999999999999999 12:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    receiver: Receiver, clock: Agenda, header: str, seconds: int | None
) -> None:
    def script(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(
            b"HTTP/1.1 429 No\r\nContent-Length: 0\r\nRetry-After: " + header.encode() + b"\r\n\r\n"
        )

    receiver.script = script

    (outcome,) = post(receiver.url)

    assert (outcome.status, outcome.retry_after_s) == (429, seconds)


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [("localhost", 204, None), ("elsewhere.example.com", None, "tls_failed")],
)
def test_a_certificate_must_be_for_the_name(
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    status: int | None,
    error: str | None,
) -> None:
    authority = trustme.CA()
    served, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(name).configure_cert(served)
    authority.configure_trust(trusting)
    receiver.server.socket = served.wrap_socket(receiver.server.socket, server_side=True)
    monkeypatch.setattr(sender, "_tls", lambda: trusting)

    (outcome,) = post(f"https://localhost:{receiver.port}/")

    assert (outcome.status, outcome.error) == (status, error)


def test_an_unknown_authority_is_not_trusted(receiver: Receiver) -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(served)
    receiver.server.socket = served.wrap_socket(receiver.server.socket, server_side=True)

    (outcome,) = post(f"https://localhost:{receiver.port}/")

    assert outcome.error == "tls_failed"
