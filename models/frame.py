"""The server around a model: SageMaker's container contract, `GET /ping` and `POST /invocations`.

A model gives `load()`, which reads its weights and returns a handler from the request's body to
an `Answer`. The server listens only once that is done, so an answered ping means a loaded model.
One invocation runs at a time. The process ends when its standard input does, because that pipe
is held by whoever started it: a killed parent leaves no model behind.
"""

import argparse
import asyncio
import json
import os
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

MAX_BODY_BYTES = 42_000_000
# One thread: with two, the engines' threads wait for each other in busy loops, and on two busy
# cores that was measured 15 times slower (1.7 instead of 24 tokens a second).
THREADS = 1
BACKLOG = 16
SHUTDOWN_S = 2


class RefusedError(Exception):
    """The client's fault: answered with `status` (4xx) and a machine code, never retried."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said: the body as it goes over the wire."""

    body: bytes
    content_type: str = "application/json"


type Handler = Callable[[bytes], Answer]


def parse_object(body: bytes) -> dict[str, Any]:
    """The body as a JSON object, or `RefusedError`."""
    try:
        value = json.loads(body)
    except ValueError as error:
        raise RefusedError("invalid_json", "The body is not JSON.") from error
    if not isinstance(value, dict):
        raise RefusedError("invalid_json", "The body is not a JSON object.")
    return value


def json_answer(value: dict[str, Any]) -> Answer:
    return Answer(json.dumps(value, ensure_ascii=False).encode())


def create_app(handler: Handler) -> Starlette:
    """The two routes of the contract around a loaded model."""
    turn = asyncio.Lock()

    async def ping(_: Request) -> Response:
        return Response(status_code=200)

    async def invocations(request: Request) -> Response:
        if int(request.headers.get("content-length") or 0) > MAX_BODY_BYTES:
            return _refusal(RefusedError("payload_too_large", "The body is too large.", 413))
        body = await request.body()
        try:
            async with turn:
                answer = await asyncio.to_thread(handler, body)
        except RefusedError as refused:
            return _refusal(refused)
        return Response(answer.body, media_type=answer.content_type)

    return Starlette(
        routes=[
            Route("/ping", ping),
            Route("/invocations", invocations, methods=["POST"]),
        ]
    )


def _refusal(refused: RefusedError) -> Response:
    error = {"message": refused.message, "code": refused.code}
    return JSONResponse({"error": error}, status_code=refused.status)


def serve(load: Callable[[], Handler]) -> None:
    """Load the model and serve it on the inherited socket `--fd` or on `--port`, until killed."""
    parser = argparse.ArgumentParser(description="Serves one model on the loopback interface.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--fd", type=int, help="a bound socket inherited from the parent")
    where.add_argument("--port", type=int)
    parser.add_argument("--stay", action="store_true", help="outlive the end of standard input")
    options = parser.parse_args()
    if not options.stay:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    listener = _listener(options)
    app = create_app(load())
    listener.listen(BACKLOG)
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _listener(options: argparse.Namespace) -> socket.socket:
    if options.fd is not None:
        return socket.socket(fileno=options.fd)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", options.port))
    return listener


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)
