"""Errors as OpenAI's clients read them: `{"error": {message, type, param, code}}`."""

import re
from collections.abc import Mapping
from typing import Any

from sluice.errors import SluiceError

UNPROCESSABLE, BAD_REQUEST, SERVER_ERROR = 422, 400, 500
_TYPES = {402: "insufficient_quota", 403: "permission_error", 429: "requests"}
_CODES = {
    "unauthenticated": "invalid_api_key",
    "insufficient_credit": "insufficient_quota",
    "budget_exhausted": "insufficient_quota",
    "rate_limited": "rate_limit_exceeded",
    "prompt_too_long": "context_length_exceeded",
    "input_too_long": "context_length_exceeded",
    "content_blocked": "content_policy_violation",
    "invalid_input": "invalid_value",
}
_PLACES = re.compile(r"^/(body|input|header|query|path)(?=/|$)")
_NUMBER = re.compile(r"/(\d+)(?=/|$)")
_ALTERNATIVE = re.compile(r"/(str|(list|constrained|function|nullable)[\[-][^/]*)(?=/|$)")
"""How the framework tells which of several types of a field did not fit."""
_REQUIRED = re.compile(r'^"(\w+)" is a required property$')


def render(error: SluiceError, request_id: str) -> tuple[int, Mapping[str, Any]]:
    """What OpenAI answers with 400 is 400 here too, where Sluice's own routes say 422."""
    status = BAD_REQUEST if error.status == UNPROCESSABLE else error.status
    first = error.errors[0] if error.errors else None
    param = _param(first) if first else None
    message = f"{error.detail} ({param}: {first['message']})" if first else error.detail
    other = "server_error" if status >= SERVER_ERROR else "invalid_request_error"
    return status, {
        "error": {
            "message": message,
            "type": _TYPES.get(status, other),
            "param": param,
            "code": _CODES.get(error.machine_code, error.machine_code),
            "request_id": request_id,
        }
    }


def _param(fault: Mapping[str, str]) -> str | None:
    """`/body/messages/0/content` → `messages[0].content`."""
    missing = _REQUIRED.match(fault["message"])
    pointer = _PLACES.sub("", _ALTERNATIVE.sub("", fault["pointer"]))
    if missing:
        pointer += f"/{missing[1]}"
    return _NUMBER.sub(r"[\1]", pointer).removeprefix("/").replace("/", ".") or None
