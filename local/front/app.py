"""The front: the web, the API behind AWS's limits, presigned S3 links, the mailbox."""

import asyncio
import ssl
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from local.front import mailbox, site
from local.front.page import START
from local.home import Home, read_json

MAX_LAMBDA_BYTES: Final = 6_000_000
"""What Lambda takes and gives; API Gateway itself would take 10 MB."""
GATEWAY_TIMEOUT_S: Final = 30
MAX_OBJECT_BYTES: Final = 64_000_000
"""S3 takes 5 GB at once; here an upload passes through memory, and the product allows far less."""
UPSTREAM_TIMEOUT_S: Final = 60
MAX_CONNECTIONS: Final = 200
METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
S3: Final = "/_local/s3"
API_PATHS: Final = ("/v1/", "/openai/", "/v3/", "/openapi/")
_HOP: Final = {"connection", "keep-alive", "transfer-encoding", "host", "content-length", "te"}


class TooLarge(Exception):
    """More bytes than AWS takes."""


def upstream(
    url: str, tls: ssl.SSLContext | None = None, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """A client of the emulator that remembers nothing: a jar would hand one viewer's session to
    all the others."""
    return httpx.AsyncClient(
        base_url=url,
        verify=tls or True,
        transport=transport,
        timeout=UPSTREAM_TIMEOUT_S,
        limits=httpx.Limits(max_connections=MAX_CONNECTIONS),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        trust_env=False,
    )


def create_app(
    home: Home, emulator: httpx.AsyncClient, gateway_timeout_s: float = GATEWAY_TIMEOUT_S
) -> Starlette:
    """`emulator` comes from `upstream`."""
    app = Starlette(
        routes=[
            Route("/_local/", _start),
            Route("/_local/health", _health),
            Route("/_local/mail", _mail_page),
            Route("/_local/mail.json", _mail_json),
            Route(f"{S3}/{{rest:path}}", _s3, methods=METHODS),
            *(Route(f"{path}{{rest:path}}", _api, methods=METHODS) for path in API_PATHS),
        ]
    )
    app.router.default = _elsewhere
    app.state.home, app.state.emulator = home, emulator
    app.state.gateway_timeout_s = gateway_timeout_s
    return app


async def _elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
    """What no route matches: the web, and an API's path with a line break, where patterns end."""
    request = Request(scope, receive)
    path: str = request.scope["path"]
    if path.startswith(API_PATHS):
        answer = await _api(request)
    elif site.serves(request):
        answer = site.answer(path)
    else:
        answer = _said(404, "Not Found")
    await answer(scope, receive, send)


async def _api(request: Request) -> Response:
    """The HTTP API's default stage, within the limits that API Gateway and Lambda have."""
    api_id = read_json(request.app.state.home.deployed).get("api_id")
    if api_id is None:
        return _said(503, "Service Unavailable: nothing is deployed yet")
    try:
        body = await _read(request, MAX_LAMBDA_BYTES)
        async with asyncio.timeout(request.app.state.gateway_timeout_s):
            path = f"/_aws/execute-api/{api_id}/%24default{_path(request)}"
            answer = await _forward(request, path, body)
    except TooLarge:
        return _said(413, "Request Entity Too Large")
    except TimeoutError:
        return _said(503, "Service Unavailable")
    if len(answer.content) > MAX_LAMBDA_BYTES or _is_crash(answer):
        return _said(500, "Internal Server Error")
    if _is_throttle(answer):
        return _said(503, "Service Unavailable")
    return _returned(answer)


def _is_crash(answer: httpx.Response) -> bool:
    """A function that raised or ran out of time. The emulator tells its exception to whoever
    asked; API Gateway tells nobody."""
    return answer.status_code == HTTPStatus.BAD_GATEWAY and b'"errorMessage"' in answer.content


def _is_throttle(answer: httpx.Response) -> bool:
    """Lambda's own word, not a refusal of ours."""
    return (
        answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
        and b'"TooManyRequestsException"' in answer.content
    )


async def _s3(request: Request) -> Response:
    """The signature names the emulator's host and path, so both are put back."""
    try:
        body = await _read(request, MAX_OBJECT_BYTES)
    except TooLarge:
        return Response("<Error><Code>EntityTooLarge</Code></Error>", 400, media_type="text/xml")
    return _returned(await _forward(request, _path(request).removeprefix(S3), body))


async def _start(_: Request) -> Response:
    return HTMLResponse(START)


async def _mail_page(request: Request) -> Response:
    return HTMLResponse(mailbox.page(await mailbox.messages(request.app.state.emulator)))


async def _mail_json(request: Request) -> Response:
    return JSONResponse(await mailbox.messages(request.app.state.emulator))


async def _health(request: Request) -> Response:
    return JSONResponse({"deployed": request.app.state.home.deployed.is_file()})


async def _read(request: Request, limit_bytes: int) -> bytes:
    chunks, size_bytes = [], 0
    async for chunk in request.stream():
        size_bytes += len(chunk)
        if size_bytes > limit_bytes:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def _path(request: Request) -> str:
    """As the client wrote it: what is escaped in it stays so."""
    raw: bytes = request.scope["raw_path"]
    return raw.decode("latin-1")


async def _forward(request: Request, path: str, body: bytes) -> httpx.Response:
    emulator: httpx.AsyncClient = request.app.state.emulator
    headers = [(name, value) for name, value in request.headers.items() if name not in _HOP]
    # API Gateway keeps the viewer's address; so does the front.
    viewer = request.client.host if request.client else "127.0.0.1"
    query = f"?{request.url.query}" if request.url.query else ""
    return await emulator.request(
        request.method,
        f"{path}{query}",
        content=body,
        headers=[*headers, ("x-forwarded-for", viewer)],
        follow_redirects=False,
    )


def _returned(answer: httpx.Response) -> Response:
    response = Response(answer.content, answer.status_code)
    response.raw_headers = [
        (name.lower(), value)
        for name, value in answer.headers.raw
        if name.decode().lower() not in _HOP | {"content-encoding"}
    ]
    response.headers["content-length"] = str(len(answer.content))
    return response


def _said(status: int, message: str) -> Response:
    """As API Gateway itself says it."""
    return JSONResponse({"message": message}, status)
