"""Stripe's errors as its clients read them."""

from typing import Any

from starlette.responses import JSONResponse, Response

_STATUS = {
    "invalid_request_error": 400,
    "card_error": 402,
    "idempotency_error": 400,
    "rate_limit_error": 429,
    "api_error": 500,
}


class StripeError(Exception):
    """An answer that is an error; `more` are fields beside type, code, param and message. What was
    done before it was raised stays done, as with a declined card."""

    def __init__(
        self,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        status: int | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status or _STATUS[kind]
        fields = {"type": kind, "code": code, "param": param, "message": message} | more
        self.body = {"error": {name: value for name, value in fields.items() if value is not None}}


def render(status: int, body: dict[str, Any]) -> Response:
    return JSONResponse(body, status)


def missing(kind: str, id_: str, param: str = "id") -> StripeError:
    return StripeError(f"No such {kind}: '{id_}'", code="resource_missing", param=param, status=404)


def required(param: str) -> StripeError:
    return StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unexpected_state(message: str, **more: Any) -> StripeError:
    return StripeError(message, **more)
