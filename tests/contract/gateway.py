"""Requests of a Python client as API Gateway hands them to the four services, in this process."""

import base64
import io
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from functions.auth import api as auth
from functions.billing import api as billing
from functions.content import api as content
from functions.inference import api as inference
from tests import events
from tests.events import Answer, Context

URL: Final = "http://sluice.test"
_adapter: Final = HTTPAdapter()
_SERVICES: Final = {
    "/v1/auth": auth.handler,
    "/v1/billing": billing.handler,
    "/v1/content": content.handler,
}

type Send = Callable[[Callable[[], Answer]], Answer]
"""Runs a call of a handler on the stage's own time."""


class Gateway(BaseAdapter):
    """Mount it for `URL` in a session. `around` is what each request is made within."""

    def __init__(self, around: Send) -> None:
        super().__init__()
        self.around = around

    def send(  # type: ignore[override]  # with what a network would need
        self, request: requests.PreparedRequest, **_network: Any
    ) -> requests.Response:
        event = as_event(request)
        path = event["rawPath"]
        handler: Any = next(
            (handler for prefix, handler in _SERVICES.items() if path.startswith(prefix)),
            inference.handler,
        )
        answer = self.around(lambda: events.answer_of(handler(event, Context())))
        return as_response(request, answer)

    def close(self) -> None:
        """Nothing is open."""


def as_event(request: requests.PreparedRequest) -> dict[str, Any]:
    """The event that API Gateway makes of a request."""
    address = urlsplit(str(request.url))
    given = {name.lower(): _text(value) for name, value in request.headers.items()}
    cookie = given.pop("cookie", None)
    path = unquote(address.path)
    event = events.http(str(request.method), path, headers=given, cookie=cookie)
    event["rawQueryString"] = address.query
    body = _bytes(request.body)
    if body:
        event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    return event


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _bytes(body: Any) -> bytes:
    if hasattr(body, "read"):
        return bytes(body.read())
    return body.encode() if isinstance(body, str) else body or b""


def as_response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    """What the client would have read."""
    raw = HTTPResponse(
        io.BytesIO(answer.content), answer.headers, answer.status, preload_content=False
    )
    return _adapter.build_response(request, raw)


def session(around: Send, headers: Mapping[str, str]) -> requests.Session:
    """A client's session; `headers` go with each request that has none of the name."""
    made = requests.Session()
    made.mount(URL, Gateway(around))
    made.headers.update(headers)
    return made
