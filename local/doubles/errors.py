"""AWS errors as botocore reads them: REST-JSON and JSON 1.1 name the error in different places."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class AwsError(Exception):
    """An answer of a service that is an error. `code` is the shape's name, e.g. ValidationError."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def rest_json_error(error: AwsError) -> Response:
    return JSONResponse(
        {"Message": error.message, "message": error.message},
        status_code=error.status,
        headers={"x-amzn-ErrorType": error.code},
    )


def json_error(error: AwsError) -> Response:
    return JSONResponse(
        {"__type": error.code, "message": error.message, "Message": error.message},
        status_code=error.status,
        media_type="application/x-amz-json-1.1",
    )


def require_signature(request: Request) -> None:
    """Refuse an unsigned request. Signatures are not verified: doubles listen on loopback only."""
    if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
        raise AwsError(403, "MissingAuthenticationTokenException", "Missing Authentication Token")


async def read_body(request: Request, limit_bytes: int, too_large: AwsError) -> bytes:
    """The body, or `too_large` once it passes the limit; never more than that is held."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit_bytes:
            raise too_large
    return bytes(body)
