"""Which refusals an operation may answer, each rendered as its family does.

What follows from an operation's shape (it takes a body, needs a credential, submits a job…) is
worked out here; what is its own stands in its docstring, as `Refusals: `code`, `code`.` What a code
means, and its status, is in `docs/errors.md`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from ops.openapi.families import NOVITA, OWN, REQUEST_ID, Family, of
from ops.paths import ROOT
from sluice.errors import MissingCredential, SluiceError

ERRORS: Final = ROOT / "docs" / "errors.md"
_CODE: Final = re.compile(r"^### (\w+)\n(?:(\d{3})\. )?(.+?)(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)
_LISTED: Final = re.compile(r"Refusals: ([^.]+)\.")
_NAME: Final = re.compile(r"`(\w+)`")

ALWAYS: Final = ("internal_error", "service_unavailable")
SECURED: Final = ("unauthenticated", "forbidden", "address_not_allowed")
BODY: Final = ("invalid_json", "payload_too_large", "unsupported_media_type", "invalid_input")
IDEMPOTENT: Final = ("idempotency_mismatch",)
SUBMITTING: Final = (
    *(
        "insufficient_credit",
        "credit_frozen",
        "model_not_allowed",
        "model_not_found",
        "upload_not_found",
    ),
    *("idempotency_mismatch", "idempotency_key_spent", "upload_mismatch", "unscreenable"),
    *("prompt_too_long", "rate_limited", "model_not_served", "screening_unavailable"),
)
WAITING: Final = (
    *("model_waking", "timeout", "wrong_task", "content_blocked", "result_deleted"),
    *("inference_failed", "malformed_output", "endpoint_unavailable"),
)
OWN_SUBMISSIONS: Final = frozenset({"/v1/inference/jobs", "/v1/inference/jobs/batch"})
NO_JOBS: Final = ("/moderations", "/audio/translations")

_INHERITED_STATUS: Final = {"content_blocked": 422, "input_too_long": 422}
"""Of jobs that ended without an answer: a door that waits for them answers with these."""


@cache
def meanings() -> Mapping[str, tuple[int | None, str]]:
    """Each code's status (None where only jobs end with it) and its first sentence."""
    return {
        code: (int(status) if status else None, " ".join(text.split()).split(". ")[0].rstrip("."))
        for code, status, text in _CODE.findall(ERRORS.read_text(encoding="utf-8"))
    }


def submits(path: str, method: str) -> bool:
    """Whether an operation submits jobs, which cost credit and count against the rates."""
    if method != "post" or path.endswith(NO_JOBS):
        return False
    return of(path) is not OWN or path in OWN_SUBMISSIONS


def waits(path: str, method: str) -> bool:
    """Whether it answers with the job's result, or with why there is none."""
    return submits(path, method) and of(path) is not OWN and not path.startswith("/v3/async/")


def codes(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    """The machine codes of what it may refuse."""
    yield from ALWAYS
    if operation.get("security"):
        yield from SECURED
    if "requestBody" in operation:
        yield from BODY
    if operation.get("parameters"):
        yield "invalid_input"
    if any(parameter["in"] == "path" for parameter in operation.get("parameters", ())):
        yield "not_found"
    if _header(operation, "idempotency-key"):
        yield from IDEMPOTENT
    if submits(path, method):
        yield from SUBMITTING
    if waits(path, method):
        yield from WAITING
    for listed in _LISTED.findall(operation.get("description", "")):
        yield from _NAME.findall(listed)


def _header(operation: Mapping[str, Any], name: str) -> bool:
    return any(
        parameter["in"] == "header" and parameter["name"].lower() == name
        for parameter in operation.get("parameters", ())
    )


def error(code: str) -> SluiceError:
    """One such error. Raises KeyError for a code that the page on errors does not explain."""
    status, meaning = meanings()[code]
    status = status or _INHERITED_STATUS[code]
    kinds = list(_tree(SluiceError))
    exact = (kind for kind in kinds if kind.code == code)
    like = (kind for kind in kinds if kind.status == status)
    return (next(exact, None) or next(like))(f"{meaning}.", code=code)


def _tree(root: type[SluiceError]) -> Iterator[type[SluiceError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _tree(kind)


def errors(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[SluiceError]:
    """What it may refuse, each code once."""
    for code in dict.fromkeys(codes(path, method, operation)):
        yield error(code)
    if of(path) is NOVITA and operation.get("security"):
        # The one family that tells a missing key from a wrong one.
        yield MissingCredential("Send an API key as `Authorization: Bearer sk_…`.")


def rendered(family: Family, refused: SluiceError) -> tuple[int, str, Mapping[str, Any]]:
    """Status, the example's name and its body."""
    status, body = family.render(refused, REQUEST_ID)
    name = "missing_credential" if type(refused) is MissingCredential else refused.machine_code
    return status, f"{family.prefix}.{name}", body


def phrase(status: int) -> str:
    """What a status is called, for people."""
    return HTTPStatus(status).phrase
