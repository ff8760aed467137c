"""Who asks, how they ask again, and what OpenAI's answers have no field for."""

from typing import Annotated

from fastapi import Depends, Header, Response

from functions.inference.doors import Answered, Retry
from sluice.principal import Principal, require

JOB_HEADER = "X-Sluice-Job"
REPLAYED_HEADER = "Idempotent-Replayed"
CLAMPED_HEADER = "X-Sluice-Clamped-Max-Tokens"


def retry_of(
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
    x_stainless_retry_count: Annotated[int, Header(ge=0, le=100)] = 0,
) -> Retry:
    return Retry(idempotency_key, x_stainless_retry_count)


Caller = Annotated[Principal, Depends(require("inference"))]
Reader = Annotated[Principal, Depends(require("inference:read"))]
Retried = Annotated[Retry, Depends(retry_of)]


def tell(response: Response, answered: Answered) -> None:
    """Which job answered, whether an earlier request made it, and whether a bound was lowered to
    what the balance can pay."""
    job = answered.job
    response.headers[JOB_HEADER] = job.id
    if answered.replayed:
        response.headers[REPLAYED_HEADER] = "true"
    if job.clamped_max_tokens is not None:
        response.headers[CLAMPED_HEADER] = str(job.clamped_max_tokens)
