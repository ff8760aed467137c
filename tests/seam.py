"""Where tests stand between product code and AWS: botocore's `before-send`.

A `Seam` sees every request that would go to the network. A double answers some services from
memory, the rest goes to the emulator, and a `Decide` may make any call fail in the ways that a
network and a busy service fail: before the effect, after it, or by the death of the caller.
"""

import json
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from io import BytesIO
from typing import Any, Protocol
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

POOL_SIZE = 80


class Crash(BaseException):
    """The process died here: no `except Exception` sees it, and nothing after it runs."""


class Fault(StrEnum):
    """What may happen to one call."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    TIMEOUT_BEFORE = "time-out before"
    TIMEOUT_AFTER = "time-out after"
    THROTTLE = "throttle"
    CONFLICT = "conflict"
    SERVER_ERROR = "server error"


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way. `service` is botocore's, such as `sagemaker-runtime`."""

    service: str
    operation: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def name(self) -> str:
        return f"{self.service}.{self.operation}"

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] | None = None


class Double(Protocol):
    """Answers one service's calls from memory."""

    def answer(self, call: Call) -> Reply: ...


type Decide = Callable[[Call], Fault | None]


def never(call: Call) -> Fault | None:
    return None


class Seam:
    """`pause` is called before every call takes effect, for schedulers; `decide` picks faults."""

    def __init__(self, doubles: Mapping[str, Double] | None = None) -> None:
        self.doubles = dict(doubles or {})
        self.decide: Decide = never
        self.pause: Callable[[Call], None] = lambda call: None
        self.seen: Callable[[Call, Fault | None, int], None] = lambda call, fault, status: None
        # As botocore's clients do: otherwise each call waits 40 ms for an acknowledgement.
        options: Any = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
        self._network = URLLib3Session(max_pool_connections=POOL_SIZE, socket_options=options)

    def session(self) -> boto3.Session:
        """A boto3 session whose clients all go through this seam; set it as the default."""
        inner = botocore.session.Session()
        events: Any = inner.get_component("event_emitter")
        events.register("before-send", self._before_send)
        return boto3.Session(botocore_session=inner)

    def _before_send(self, event_name: str, request: Any, **unused: Any) -> AWSResponse | None:
        _, service, operation = event_name.split(".")
        call = Call(
            service, operation, request.method, request.url, _text(request.headers), _bytes(request)
        )
        self.pause(call)
        fault = self.decide(call)
        if fault is Fault.CRASH_BEFORE:
            self.seen(call, fault, 0)
            raise Crash
        if fault is Fault.TIMEOUT_BEFORE:
            self.seen(call, fault, 0)
            raise ConnectTimeoutError(endpoint_url=call.url)
        refused = _refused(call, fault)
        reply = refused or self._effect(call, request)
        self.seen(call, fault, reply.status)
        if fault is Fault.CRASH_AFTER:
            raise Crash
        if fault is Fault.TIMEOUT_AFTER:
            raise ReadTimeoutError(endpoint_url=call.url)
        return _response(call, reply)

    def _effect(self, call: Call, request: Any) -> Reply:
        double = self.doubles.get(call.service)
        if double is not None:
            return double.answer(call)
        answer = self._network.send(request)
        return Reply(answer.status_code, answer.content, dict(answer.headers))


def _bytes(request: Any) -> bytes:
    body = request.body
    if body is None:
        return b""
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if isinstance(body, str):
        return body.encode()
    content: bytes = body.read()
    body.seek(0)
    return content


def _text(headers: Mapping[str, Any]) -> dict[str, str]:
    return {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in headers.items()
    }


class _Raw(BytesIO):
    """What botocore streams from."""

    def stream(self, amt: int = 1 << 16, **_: Any) -> Any:
        while chunk := self.read(amt):
            yield chunk


def _response(call: Call, reply: Reply) -> AWSResponse:
    headers = HTTPHeaders.from_dict(
        {"content-length": str(len(reply.body))} | dict(reply.headers or {})
    )
    content = _Raw(b"" if call.method == "HEAD" else reply.body)
    return AWSResponse(call.url, reply.status, headers, content)


# Refusals in the services' own words


def _refused(call: Call, fault: Fault | None) -> Reply | None:
    match fault:
        case Fault.THROTTLE:
            return _throttled(call)
        case Fault.CONFLICT:
            return _conflicting(call)
        case Fault.SERVER_ERROR:
            return error(call, "InternalServerError", HTTPStatus.INTERNAL_SERVER_ERROR)
    return None


def _throttled(call: Call) -> Reply:
    if call.service == "s3":
        return error(call, "SlowDown", HTTPStatus.SERVICE_UNAVAILABLE)
    if call.service == "dynamodb":
        return error(call, "ProvisionedThroughputExceededException", HTTPStatus.BAD_REQUEST)
    return error(call, "ThrottlingException", HTTPStatus.BAD_REQUEST)


def _conflicting(call: Call) -> Reply | None:
    """TransactionConflict as DynamoDB says it; calls that cannot conflict go on as they are."""
    if call.operation == "TransactWriteItems":
        reasons = [{"Code": "None"} for _ in call.json["TransactItems"]]
        reasons[0] = {
            "Code": "TransactionConflict",
            "Message": "Transaction is ongoing for the item",
        }
        codes = ", ".join(reason["Code"] for reason in reasons)
        message = (
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
            f"[{codes}]"
        )
        return error(
            call,
            "TransactionCanceledException",
            HTTPStatus.BAD_REQUEST,
            {"Message": message, "CancellationReasons": reasons},
        )
    if call.operation in {"PutItem", "UpdateItem", "DeleteItem"}:
        return error(call, "TransactionConflictException", HTTPStatus.BAD_REQUEST)
    return None


def error(call: Call, code: str, status: int, more: Mapping[str, Any] | None = None) -> Reply:
    """An error of the call's service, in its protocol."""
    if call.service == "s3":
        text = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>"
        return Reply(status, text.encode(), {"content-type": "application/xml"})
    body = {"__type": f"com.amazonaws#{code}", "message": code} | dict(more or {})
    return Reply(
        status,
        json.dumps(body).encode(),
        {"content-type": "application/x-amz-json-1.0", "x-amzn-errortype": code},
    )


def is_write(call: Call) -> bool:
    """Whether the call can change anything."""
    return not re.match(r"(Get|BatchGet|Query|Scan|Describe|List|Head)", call.operation)
