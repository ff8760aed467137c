"""The headers of answers: which operation answers with which."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ops.openapi.families import NOVITA, OPENAI, OWN, REQUEST_ID, of
from ops.openapi.refusals import submits


def _header(description: str, example: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}, "example": example}


def _number(description: str, example: int) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "integer"}, "example": example}


HEADERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "x-request-id": _header("This request's id; quote it to support.", REQUEST_ID),
    "WWW-Authenticate": _header("Which credential is wanted.", 'Bearer realm="sluice"'),
    "Retry-After": _number("Seconds until it is worth asking again.", 5),
    "Location": _header("Where the job is.", "/v1/inference/jobs/job_06bq1c8d4h2m0t9k3v5r7n1p2s"),
    "Idempotent-Replayed": _header("`true` when this was done before by the same key.", "true"),
    "RateLimit": _header(
        "What is left this minute: `r` requests for `t` seconds.", '"account";r=58;t=41'
    ),
    "RateLimit-Policy": _header(
        "The limits that count: `q` requests in `w` seconds.", '"account";q=60;w=60'
    ),
    "x-ratelimit-limit-requests": _number("Requests a minute.", 60),
    "x-ratelimit-remaining-requests": _number("Requests left this minute.", 58),
    "x-ratelimit-reset-requests": _header("When the minute is over.", "41s"),
    "openai-processing-ms": _number("How long the answer took, in milliseconds.", 812),
    "X-Sluice-Job": _header("The job that answered.", "job_06bq1c8d4h2m0t9k3v5r7n1p2s"),
    "X-Sluice-Clamped-Max-Tokens": _number(
        "`max_tokens` was lowered to this, which is what the balance can pay.", 48
    ),
}
_RATES: Final[Mapping[str, tuple[str, ...]]] = {
    OWN.prefix: ("RateLimit", "RateLimit-Policy"),
    **dict.fromkeys(
        (OPENAI.prefix, NOVITA.prefix),
        (
            "x-ratelimit-limit-requests",
            "x-ratelimit-remaining-requests",
            "x-ratelimit-reset-requests",
        ),
    ),
}
REDIRECTION, UNAUTHENTICATED = 300, 401


def names(path: str, method: str, operation: Mapping[str, Any], status: int) -> Iterator[str]:
    """The headers that an operation's answer of this status may carry."""
    family, ok = of(path), status < REDIRECTION
    yield "x-request-id"
    if status == UNAUTHENTICATED:  # RFC 9110 wants it there
        yield "WWW-Authenticate"
    if status in (429, 503):
        yield "Retry-After"
    if family is OPENAI:
        yield "openai-processing-ms"
    if submits(path, method):
        yield from _RATES[family.prefix]
        if family is OPENAI and ok:
            yield from ("X-Sluice-Job", "X-Sluice-Clamped-Max-Tokens")
    if ok and family is OWN:
        yield from _of_creations(path, method, operation)


def _of_creations(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    parameters = operation.get("parameters", ())
    if any(one["name"].lower() == "idempotency-key" for one in parameters):
        yield "Idempotent-Replayed"
    if path == "/v1/inference/jobs" and method == "post":
        yield "Location"
