"""/v1/inference/jobs/batch"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from functions.inference.batches import service
from functions.inference.batches.schemas import BatchBody, BatchEntry, BatchRequest
from functions.inference.batches.service import Outcome
from functions.inference.jobs.routes import MAX_IDEMPOTENCY_KEY_CHARS
from functions.inference.jobs.schemas import JobRequest, show
from functions.inference.jobs.submission import Order
from sluice.errors import SluiceError
from sluice.http import PROBLEMS, Problem, as_sluice_error, problem
from sluice.principal import Principal, require

ROUTE = "/v1/inference/jobs/batch"

router = APIRouter(prefix="/v1/inference/jobs", tags=["jobs"], responses=PROBLEMS)


@router.post("/batch")
async def submit_batch(
    body: BatchRequest,
    request: Request,
    caller: Annotated[Principal, Depends(require("inference"))],
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=MAX_IDEMPOTENCY_KEY_CHARS)
    ] = None,
) -> BatchBody:
    """Submit up to 100 jobs. Each is accepted or refused for itself; the key stands for the batch
    as a whole, and sending it again accepts what was refused the first time."""
    orders: dict[int, Order] = {}
    refused: dict[int, SluiceError] = {}
    for number, asked in enumerate(body.jobs):
        try:
            orders[number] = JobRequest.model_validate(asked).order(ROUTE, idempotency_key)
        except ValidationError as error:
            refused[number] = as_sluice_error(RequestValidationError(error.errors()))
    outcomes = service.submit(caller, orders, refused)
    request_id = request.scope["request_id"]
    return BatchBody(
        data=[_entry(number, outcomes[number], request_id) for number in sorted(outcomes)]
    )


def _entry(number: int, outcome: Outcome, request_id: str) -> BatchEntry:
    if isinstance(outcome, SluiceError):
        status, body = problem(outcome, request_id)
        told: dict[str, Any] = dict(body)
        return BatchEntry(
            index=number, status=status, replayed=False, job=None, problem=Problem(**told)
        )
    is_over = outcome.job.has_ended or outcome.replayed
    return BatchEntry(
        index=number,
        status=200 if is_over else 202,
        replayed=outcome.replayed,
        job=show(outcome.job, in_full=False),
        problem=None,
    )
