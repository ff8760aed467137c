"""Errors as OpenAI's clients read them: `{"error": {message, type, param, code}}`."""

from collections.abc import Mapping
from typing import Any

from sluice.errors import SluiceError

UNPROCESSABLE, BAD_REQUEST = 422, 400
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "invalid_request_error",
    413: "invalid_request_error",
    415: "invalid_request_error",
    429: "rate_limit_error",
}
_CODES = {"unauthenticated": "invalid_api_key", "insufficient_credit": "insufficient_quota"}


def render(error: SluiceError, request_id: str) -> tuple[int, Mapping[str, Any]]:
    """What OpenAI answers with 400 is 400 here too, where Sluice's own routes say 422."""
    status = BAD_REQUEST if error.status == UNPROCESSABLE else error.status
    first = error.errors[0] if error.errors else None
    message = f"{error.detail} ({first['pointer']}: {first['message']})" if first else error.detail
    return status, {
        "error": {
            "message": message,
            "type": _TYPES.get(status, "api_error"),
            "param": first["pointer"].rpartition("/")[2] if first else None,
            "code": _CODES.get(error.machine_code, error.machine_code),
            "request_id": request_id,
        }
    }
