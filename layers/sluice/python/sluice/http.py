"""What every HTTP service shares: request ids, body limits, error rendering, the Lambda handler."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from mangum import Mangum
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sluice import ids, json_text
from sluice.caller import Caller
from sluice.errors import (
    BadRequest,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    SluiceError,
    Unavailable,
    UnsupportedMediaType,
)
from sluice.late import App, Late
from sluice.log import logger
from sluice.settings import load

MAX_BODY_BYTES = 5_900_000
"""Lambda takes 6 MB of event, and the event wraps the body; API Gateway itself ends at 10 MB."""
MAX_FORM_BYTES = 4_400_000
"""A form may be binary, and the event carries what is binary in base 64."""
MAX_ANSWER_BYTES = 4_400_000
"""Of a binary answer: Lambda gives back 6 MB, and what is binary in base 64."""
MAX_REPORTED_ERRORS = 20
MAX_POINTER_CHARS = 200
MAX_AGENT_CHARS = 200
NOT_FOUND, METHOD_NOT_ALLOWED, SERVER_ERROR = 404, 405, 500
REQUEST_ID_HEADER = b"x-request-id"
JSON, FORM = "application/json", "multipart/form-data"
_BODY_METHODS = {"POST", "PUT", "PATCH"}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_TEXT_TYPES = ["text/", "application/json", "application/problem+json"]
"""What Mangum must not wrap in base 64."""

type Renderer = Callable[[SluiceError, str], tuple[int, Mapping[str, Any]]]
"""Makes an API family's status and error body from an error and the request's id."""


class Problem(BaseModel):
    """RFC 9457 problem details: `code` is for machines, `detail` says what to do."""

    type: str = Field(examples=["/docs/errors#not_found"])
    title: str
    status: int
    code: str = Field(examples=["not_found"])
    detail: str
    request_id: str
    errors: list[dict[str, str]] = Field(default=[], description="`pointer` and `message`.")


PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "Any refusal, as problem details",
        "model": Problem,
        "content": {"application/problem+json": {}},
    }
}
"""What every route of Sluice's own family may answer besides its success."""


def problem(error: SluiceError, request_id: str) -> tuple[int, Mapping[str, Any]]:
    """RFC 9457 problem details, Sluice's own error body."""
    body: dict[str, Any] = {
        "type": f"/docs/errors#{error.machine_code}",
        "title": error.title,
        "status": error.status,
        "code": error.machine_code,
        "detail": error.detail,
        "request_id": request_id,
    }
    if error.errors:
        body["errors"] = list(error.errors)
    return error.status, body | error.extra


def create_app(
    title: str,
    routers: Sequence[APIRouter],
    families: Mapping[str, Renderer] | None = None,
    forms: Collection[str] = (),
    late: Sequence[Late] = (),
) -> FastAPI:
    """A service's application. `families` maps path prefixes to other error renderers; `forms` are
    the paths that take `multipart/form-data`, where all others take JSON; `late` are routes that
    are imported only when they are asked for."""
    app = App(title, late)
    for router in routers:
        app.include_router(router)

    def answer(request: Request, error: SluiceError) -> Response:
        render = next(
            (
                renderer
                for prefix, renderer in (families or {}).items()
                if request.url.path.startswith(prefix)
            ),
            problem,
        )
        media = "application/problem+json" if render is problem else "application/json"
        status, body = render(error, request.scope["request_id"])
        return Response(json.dumps(body), status, dict(error.headers), media)

    async def known(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == METHOD_NOT_ALLOWED:
            methods = _methods_of(app, request)
            error = MethodNotAllowed("This path does not know that method.", methods)
        return answer(request, as_sluice_error(error))

    async def unknown(request: Request, error: Exception) -> Response:
        logger.exception("unhandled error")
        return answer(request, SluiceError("An unexpected error; nothing was charged for it."))

    for kind in (SluiceError, RequestValidationError, HTTPException, BotoCoreError, ClientError):
        app.add_exception_handler(kind, known)
    app.add_exception_handler(Exception, unknown)
    app.add_middleware(Envelope, refuse=answer, forms=frozenset(forms))
    return app


def lambda_handler(app: FastAPI) -> Mangum:
    return Mangum(app, lifespan="off", text_mime_types=_TEXT_TYPES)


@dataclass(frozen=True, slots=True)
class CallerSettings:
    """`viewer_address_header` names the header in which the stage's edge, and nobody else, can put
    the client's address: only for a stage whose API answers to its edge alone."""

    viewer_address_header: str = ""


async def current_caller(request: Request) -> Caller:
    """A dependency. Behind an edge the gateway sees only the edge, which then names the client."""
    peer = request.client.host if request.client else ""
    header = load(CallerSettings).viewer_address_header
    address = request.headers.get(header, peer) if header else peer
    agent = request.headers.get("user-agent", "")[:MAX_AGENT_CHARS]
    return Caller(address, request.scope["request_id"], agent)


def as_sluice_error(error: Exception) -> SluiceError:
    """The refusal that a framework's or AWS's error means to a caller."""
    match error:
        case SluiceError():
            if error.status >= SERVER_ERROR:
                logger.error("refused", extra={"code": error.machine_code, "why": error.detail})
            return error
        case RequestValidationError():
            return _invalid(error)
        case HTTPException(status_code=status) if status < SERVER_ERROR:
            return _unroutable(error)
        case BotoCoreError() | ClientError():
            logger.exception("a dependency failed")
            return Unavailable("A part we depend on did not answer; try again.", retry_after_s=2)
    raise error


def _methods_of(app: FastAPI, request: Request) -> list[str]:
    """What a path knows, from all routes that share it: the framework tells the first one's."""
    return [
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in app.routes
        )
    ]


def _unroutable(error: HTTPException) -> SluiceError:
    if error.status_code == NOT_FOUND:
        return NotFound("There is no such path; the API document lists them.")
    return BadRequest(str(error.detail), code="bad_request")


def _invalid(error: RequestValidationError) -> SluiceError:
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return BadRequest("The body is not valid JSON.")
    return InvalidInput(
        "Some fields do not fit; `errors` names them.",
        errors=[
            {
                "pointer": "/".join(["", *map(str, fault["loc"])])[:MAX_POINTER_CHARS],
                "message": fault["msg"],
            }
            for fault in faults[:MAX_REPORTED_ERRORS]
        ],
    )


class Envelope:
    """Gives each request an id (answered as `x-request-id`), and refuses bodies that are too large
    or of a type no route reads, before anything parses them."""

    def __init__(
        self,
        app: ASGIApp,
        refuse: Callable[[Request, SluiceError], Response],
        forms: Collection[str],
    ) -> None:
        self.app, self.refuse, self.forms = app, refuse, forms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["request_id"] = ids.new("req")
        logger.clear_state()
        logger.append_keys(request=scope["request_id"], path=scope["path"])

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                value = scope["request_id"].encode()
                message["headers"] = [*message["headers"], (REQUEST_ID_HEADER, value)]
            await send(message)

        try:
            wanted = FORM if scope["path"] in self.forms else JSON
            body = await _read_body(receive, MAX_FORM_BYTES if wanted == FORM else MAX_BODY_BYTES)
            if body and scope["method"] in _BODY_METHODS:
                _check(scope, body, wanted)
        except SluiceError as error:
            await self.refuse(Request(scope), error)(scope, receive, send_with_id)
            return
        await self.app(scope, _replay(body, receive), send_with_id)


async def _read_body(receive: Receive, limit_bytes: int) -> bytes:
    chunks, size_bytes, more = [], 0, True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        size_bytes += len(chunks[-1])
        more = message.get("more_body", False)
        if size_bytes > limit_bytes:
            raise PayloadTooLarge(
                f"A body may have {limit_bytes} bytes here; send larger files through "
                "POST /v1/inference/uploads and name them as `upload:{id}`."
            )
    return b"".join(chunks)


def _check(scope: Scope, body: bytes, wanted: str) -> None:
    if _media_type(scope) != wanted:
        raise UnsupportedMediaType(f"Send the body as `Content-Type: {wanted}`.")
    if wanted == JSON:
        _check_json(body)


def _media_type(scope: Scope) -> str:
    headers = dict(scope["headers"])
    value: bytes = headers.get(b"content-type", b"")
    return value.decode("latin-1").split(";")[0].strip().lower()


def _check_json(body: bytes) -> None:
    """The framework's own reader is laxer than JSON, and what it lets through breaks later."""
    try:
        json_text.parse(body)
    except json_text.NotJson as error:
        raise BadRequest(f"The body cannot be read. {error}") from None


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
