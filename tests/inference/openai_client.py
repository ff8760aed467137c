"""OpenAI's own client in front of the platform: its requests, byte for byte, as API Gateway hands
them to the function."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx2
from openai import OpenAI

from tests.inference.platform import Client, Platform

BASE = "http://localhost:8400/openai/v1"


class Door(httpx2.BaseTransport):
    """Keeps what it was asked last, and what was answered."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.request: httpx2.Request
        self.response: httpx2.Response

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        parts: dict[str, Any] = {"headers": dict(request.headers)}
        content = request.read()
        if content:
            parts["raw"] = content
        query = request.url.query.decode()
        answer = self.platform.send(
            request.method, request.url.path, query=dict(parse_qsl(query)), **parts
        )
        self.request = request
        self.response = httpx2.Response(
            answer.status, headers=dict(answer.headers), content=answer.content, request=request
        )
        return self.response


def openai_of(client: Client, *, base: str = BASE) -> tuple[OpenAI, Door]:
    door = Door(client.platform)
    made = OpenAI(
        base_url=base,
        api_key=client.who.key,
        max_retries=0,
        http_client=httpx2.Client(transport=door),
    )
    return made, door


def form(
    fields: Mapping[str, str], content: bytes | None = None, name: str = "file"
) -> dict[str, Any]:
    """A form as the parts of a request; without `content` it is of texts alone, which no client
    sends."""
    parts: dict[str, Any] = {field: (None, value) for field, value in fields.items()}
    if content is not None:
        parts[name] = (name, content)
    request = httpx2.Request("POST", BASE, files=parts)
    return {"raw": request.read(), "headers": {"content-type": request.headers["content-type"]}}
