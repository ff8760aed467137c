"""The only way out to addresses that customers name: one POST, to an address that was checked.

No redirect is followed, no proxy asked, no cookie kept. A receiver has fifteen seconds for all of
it, however slowly it drips, and of its answer a few kilobytes are read.
"""

import http.client
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from math import ceil
from threading import Thread
from time import monotonic

from botocore.httpsession import get_cert_path

from functions.inference.webhooks import address
from functions.inference.webhooks.target import Target, parse
from sluice import clock
from sluice.errors import InvalidInput

TIMEOUT_S = 15
MAX_ANSWER_BYTES = 4_096
MAX_SNIPPET_CHARS = 500
MAX_RETRY_AFTER_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Letter:
    """One request to be sent."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt: a `status`, or an `error` when there was no answer. `response` is
    the beginning of the answer's body, `retry_after_s` what it asked for."""

    duration_ms: int
    status: int | None = None
    error: str | None = None
    response: str = ""
    retry_after_s: int | None = None


class Sender:
    """A simulation replaces `current` with its own subclass."""

    def post(self, letters: Sequence[Letter]) -> list[Outcome]:
        """Send them side by side; gives one outcome each, within `TIMEOUT_S`."""
        exchanges = [_Exchange(letter) for letter in letters]
        until = monotonic() + TIMEOUT_S
        for exchange in exchanges:
            exchange.thread.start()
        for exchange in exchanges:
            exchange.thread.join(max(0.0, until - monotonic()))
        return [exchange.end() for exchange in exchanges]


current: Sender = Sender()


class _Over(Exception):
    """The exchange's time ended meanwhile, so nothing may be sent any more."""


@dataclass(slots=True)
class _Exchange:
    """One letter in a thread of its own, since nothing else bounds a resolver's patience."""

    letter: Letter
    begun: float = field(default_factory=monotonic)
    is_over: bool = False
    line: socket.socket | None = None
    outcome: Outcome | None = None
    thread: Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = Thread(target=self._run, daemon=True)

    def end(self) -> Outcome:
        """What is known now; whatever still waits is cut off."""
        self.is_over = True
        outcome, line = self.outcome, self.line
        if line is not None and outcome is None:
            _cut(line)
        return outcome or self._failed("timeout")

    def _run(self) -> None:
        try:
            self.outcome = self._exchange()
        except InvalidInput:
            self.outcome = self._failed("invalid_url")
        except address.NameUnknown:
            self.outcome = self._failed("name_not_resolved")
        except address.AddressForbidden:
            self.outcome = self._failed("forbidden_address")
        except TimeoutError:
            self.outcome = self._failed("timeout")
        except ssl.SSLError:
            self.outcome = self._failed("tls_failed")
        except http.client.HTTPException:
            self.outcome = self._failed("invalid_answer")
        except OSError:
            self.outcome = self._failed("connection_failed")
        except _Over:
            pass

    def _exchange(self) -> Outcome:
        target = parse(self.letter.url)
        connection = _Pinned(target, self._connect(target, address.resolve(target)))
        try:
            self._check_time()
            headers = {**self.letter.headers, "Host": target.authority}
            connection.request("POST", target.path, self.letter.body, headers)
            answer = connection.getresponse()
            content = answer.read(MAX_ANSWER_BYTES)
            return Outcome(
                self._elapsed_ms(),
                answer.status,
                response=content.decode(errors="replace")[:MAX_SNIPPET_CHARS],
                retry_after_s=_seconds(answer.headers.get("Retry-After")),
            )
        finally:
            connection.close()

    def _connect(self, target: Target, addresses: Sequence[str]) -> socket.socket:
        """A connection to the first address that takes one, encrypted for the target's name."""
        failure: OSError = ConnectionError("no address")
        for pinned in addresses:
            self._check_time()
            try:
                self.line = line = socket.create_connection((pinned, target.port), TIMEOUT_S)
            except OSError as refused:
                failure = refused
                continue
            if target.scheme == "https":
                self.line = line = _tls().wrap_socket(line, server_hostname=target.host)
            return line
        raise failure

    def _check_time(self) -> None:
        if self.is_over:
            raise _Over

    def _elapsed_ms(self) -> int:
        return round((monotonic() - self.begun) * clock.MS_PER_S)

    def _failed(self, error: str) -> Outcome:
        return Outcome(self._elapsed_ms(), error=error)


class _Pinned(http.client.HTTPConnection):
    """HTTP over a line that is already open: it has no way to open another."""

    def __init__(self, target: Target, line: socket.socket) -> None:
        super().__init__(target.host, target.port)
        self.sock = line
        self.auto_open = False  # an `int` to its stubs, and only ever asked whether it is true


def _cut(line: socket.socket) -> None:
    """Wakes whoever reads from the line. By the plain socket's own method: an encrypted one's
    would pull its state away under the reader."""
    try:
        socket.socket.shutdown(line, socket.SHUT_RDWR)
    except OSError:
        return


@cache
def _tls() -> ssl.SSLContext:
    """Verifies certificate and name, by the authorities that botocore brings."""
    return ssl.create_default_context(cafile=get_cert_path(True))


def _seconds(header: str | None) -> int | None:
    """`Retry-After` in seconds from now, in either of its forms (RFC 9110, 10.2.3); a date that is
    past is now, and what is neither form None."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= MAX_RETRY_AFTER_DIGITS else None
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(0, ceil(_in_utc(until).timestamp() - clock.now_ms() / clock.MS_PER_S))


def _in_utc(moment: datetime) -> datetime:
    """The oldest form of a date names no zone, and means this one."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
