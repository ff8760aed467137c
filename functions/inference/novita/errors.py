"""Errors as Novita's clients read them: `{code, reason, message, metadata}`."""

import re
from collections.abc import Mapping
from typing import Any

from functions.inference.novita.fields import theirs
from sluice.errors import MissingCredential, SluiceError

BAD_REQUEST, FORBIDDEN, SERVER_ERROR = 400, 403, 500
UNREADABLE = "INVALID_REQUEST_BODY"
_ANSWERS: Mapping[str, tuple[int, str]] = {
    "unauthenticated": (FORBIDDEN, "INVALID_API_KEY"),
    "forbidden": (FORBIDDEN, "API_NOT_ALLOWED"),
    "foreign_origin": (FORBIDDEN, "API_NOT_ALLOWED"),
    "credit_frozen": (FORBIDDEN, "BILLING_AUTH_FAILED"),
    "insufficient_credit": (BAD_REQUEST, "BILLING_BALANCE_NOT_ENOUGH"),
    "budget_exhausted": (BAD_REQUEST, "BILLING_BALANCE_NOT_ENOUGH"),
    "not_found": (404, "API_NOT_FOUND"),
    "method_not_allowed": (405, "API_NOT_FOUND"),
    "job_not_found": (404, "TASK_NOT_FOUND"),
    "payload_too_large": (BAD_REQUEST, "IMAGE_FILE_EXCEEDS_MAX_SIZE"),
    "not_an_image": (BAD_REQUEST, "INVALID_IMAGE_FORMAT"),
    "unscreenable": (BAD_REQUEST, "INVALID_IMAGE_FORMAT"),
    "image_too_large": (BAD_REQUEST, "IMAGE_EXCEEDS_MAX_RESOLUTION"),
    "image_too_small": (BAD_REQUEST, "INVALID_IMAGE_SIZE"),
    "mask_size_mismatch": (BAD_REQUEST, "INVALID_IMAGE_SIZE"),
    "content_blocked": (BAD_REQUEST, "ILLEGAL_IMAGE_CONTENT"),
    "rate_limited": (429, "RATE_LIMIT_EXCEEDED"),
    "inference_failed": (SERVER_ERROR, "TASK_FAILED"),
    "malformed_output": (SERVER_ERROR, "TASK_FAILED"),
    "endpoint_unavailable": (SERVER_ERROR, "TASK_FAILED"),
    "internal_error": (SERVER_ERROR, "TASK_FAILED"),
    "service_unavailable": (503, "SERVICE_NOT_AVAILABLE"),
}
"""Where the family has a reason of its own. What it has none for keeps its status and says Sluice's
own code in capitals."""
_PLACE_OF = {"invalid_webhook_url": "extra.webhook.url"}
"""Where this family has what is refused, whatever another calls it."""
_READ_AS_BAD_REQUEST = {400, 415, 422}
_PLACES = re.compile(r"^/(body|header|query|path)/")


def render(error: SluiceError, request_id: str) -> tuple[int, Mapping[str, Any]]:
    """`metadata` is of texts alone: what to quote to support, and which field is at fault."""
    status, reason = _answer(error)
    metadata = {"request_id": request_id, "code": error.machine_code}
    message = error.detail
    if error.errors:
        first = error.errors[0]
        metadata["field"] = _PLACE_OF.get(error.machine_code) or _field(first["pointer"])
        message = f"{metadata['field']}: {first['message']} {error.detail}"
    return status, {"code": status, "reason": reason, "message": message, "metadata": metadata}


def _answer(error: SluiceError) -> tuple[int, str]:
    if isinstance(error, MissingCredential):
        return BAD_REQUEST, "MISSING_API_KEY"
    known = _ANSWERS.get(error.machine_code)
    if known is not None:
        status, reason = known
        return status, error.extra.get("reason", reason)
    if error.status in _READ_AS_BAD_REQUEST:
        return BAD_REQUEST, UNREADABLE
    return error.status, error.machine_code.upper()


def _field(pointer: str) -> str:
    """`/body/request/steps` → `request.steps`; a field of a card's schema by the family's name."""
    if pointer.startswith("/input/"):
        return theirs(pointer.removeprefix("/input/").replace("/", "."))
    return _PLACES.sub("", pointer).replace("/", ".")
