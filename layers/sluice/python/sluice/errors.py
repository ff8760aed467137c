"""Every refusal Sluice knows, as one tree. An error carries its HTTP status and its machine code.

SluiceError
├── BadRequest 400          invalid_json
├── Unauthenticated 401     unauthenticated
│   └── MissingCredential   (the same code: some API families tell the two apart)
├── InsufficientCredit 402  insufficient_credit
├── Forbidden 403           forbidden
├── NotFound 404            not_found
│   └── ModelNotFound       model_not_found
├── MethodNotAllowed 405    method_not_allowed
├── Conflict 409            conflict
├── Gone 410                gone
├── PayloadTooLarge 413     payload_too_large
├── UnsupportedMediaType 415 unsupported_media_type
├── InvalidInput 422        invalid_input
├── IdempotencyMismatch 422 idempotency_mismatch
├── RateLimited 429         rate_limited
├── InferenceFailed 502     inference_failed
└── Unavailable 503         service_unavailable
    ├── ModelNotServed      model_not_served
    ├── ModelWaking         model_waking
    └── ScreeningUnavailable screening_unavailable
        └── Unscreenable 422 unscreenable

4xx is ordinary; 5xx is logged as an error and pages.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class SluiceError(Exception):
    """The root. `detail` is one sentence that helps; `errors` names the fields at fault."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something failed on our side"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        retry_after_s: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.machine_code = code or self.code
        self.errors = tuple(dict(error) for error in errors)
        self.retry_after_s = retry_after_s
        self.extra = dict(extra or {})

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}


class BadRequest(SluiceError):
    status, code, title = 400, "invalid_json", "The request cannot be read"


class Unauthenticated(SluiceError):
    status, code, title = 401, "unauthenticated", "No valid credential"

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'Bearer realm="sluice"'}


class MissingCredential(Unauthenticated):
    """The request carries none at all."""


class InsufficientCredit(SluiceError):
    status, code, title = 402, "insufficient_credit", "Not enough credit"


class Forbidden(SluiceError):
    status, code, title = 403, "forbidden", "Not allowed"


class NotFound(SluiceError):
    status, code, title = 404, "not_found", "Not found"


class ModelNotFound(NotFound):
    code, title = "model_not_found", "No such model"


class MethodNotAllowed(SluiceError):
    """`methods` are those that the path knows, as RFC 9110 wants them told."""

    status, code, title = 405, "method_not_allowed", "Method not allowed"

    def __init__(self, detail: str, methods: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.methods = tuple(methods)

    @property
    def headers(self) -> dict[str, str]:
        return {"Allow": ", ".join(self.methods)}


class Conflict(SluiceError):
    status, code, title = 409, "conflict", "Conflict"


class Gone(SluiceError):
    status, code, title = 410, "gone", "No longer available"


class PayloadTooLarge(SluiceError):
    status, code, title = 413, "payload_too_large", "Too large"


class UnsupportedMediaType(SluiceError):
    status, code, title = 415, "unsupported_media_type", "Unsupported media type"


class InvalidInput(SluiceError):
    status, code, title = 422, "invalid_input", "The input does not fit"


class IdempotencyMismatch(SluiceError):
    status, code, title = 422, "idempotency_mismatch", "Idempotency key reused"


class RateLimited(SluiceError):
    status, code, title = 429, "rate_limited", "Too many requests"


class InferenceFailed(SluiceError):
    status, code, title = 502, "inference_failed", "The model failed"


class Unavailable(SluiceError):
    """Every 503 says when to ask again."""

    status, code, title = 503, "service_unavailable", "Temporarily unavailable"
    usual_wait_s: ClassVar[int | None] = 5

    @property
    def headers(self) -> dict[str, str]:
        seconds = self.usual_wait_s if self.retry_after_s is None else self.retry_after_s
        return {} if seconds is None else {"Retry-After": str(seconds)}


class ModelNotServed(Unavailable):
    """Not before the stage is deployed anew."""

    code, title = "model_not_served", "Model not served here"
    usual_wait_s = 3600


class ModelWaking(Unavailable):
    code, title = "model_waking", "The model is waking up"


class ScreeningUnavailable(Unavailable):
    code, title = "screening_unavailable", "Content screening is unavailable"


class Unscreenable(ScreeningUnavailable):
    """It will never have a verdict, so it may not pass; asking again does not help."""

    status, code, title = 422, "unscreenable", "This cannot be screened"
    usual_wait_s = None
