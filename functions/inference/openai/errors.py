"""Errors as OpenAI's clients read them: `{"error": {message, type, param, code}}`."""

import re
from collections.abc import Mapping
from typing import Any

from sluice.errors import SluiceError

UNPROCESSABLE, BAD_REQUEST, SERVER_ERROR = 422, 400, 500
_TYPES = {
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    429: "rate_limit_error",
}
_CODES = {
    "unauthenticated": "invalid_api_key",
    "insufficient_credit": "insufficient_quota",
    "rate_limited": "rate_limit_exceeded",
    "prompt_too_long": "context_length_exceeded",
    "input_too_long": "context_length_exceeded",
}
_PLACES = re.compile(r"^/(body|input|header|query|path)/")
_NUMBER = re.compile(r"/(\d+)(?=/|$)")


def render(error: SluiceError, request_id: str) -> tuple[int, Mapping[str, Any]]:
    """What OpenAI answers with 400 is 400 here too, where Sluice's own routes say 422."""
    status = BAD_REQUEST if error.status == UNPROCESSABLE else error.status
    first = error.errors[0] if error.errors else None
    param = _param(first["pointer"]) if first else None
    message = f"{error.detail} ({param}: {first['message']})" if first else error.detail
    other = "api_error" if status >= SERVER_ERROR else "invalid_request_error"
    return status, {
        "error": {
            "message": message,
            "type": _TYPES.get(status, other),
            "param": param,
            "code": _CODES.get(error.machine_code, error.machine_code),
            "request_id": request_id,
        }
    }


def _param(pointer: str) -> str:
    """`/body/messages/0/content` → `messages[0].content`."""
    return _NUMBER.sub(r"[\1]", _PLACES.sub("", pointer)).replace("/", ".")
