"""/v1/inference/jobs"""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response

from functions.inference.jobs import service
from functions.inference.jobs.schemas import JobBody, JobPage, JobRequest, Status, show
from functions.inference.jobs.submission import Order, submit
from sluice.http import PROBLEMS
from sluice.principal import Principal, require

MAX_IDEMPOTENCY_KEY_CHARS = 255
ROUTE = "/v1/inference/jobs"
_WAIT = re.compile(r"\bwait(?:=(\d{1,3}))?\b")

router = APIRouter(prefix="/v1/inference/jobs", tags=["jobs"], responses=PROBLEMS)
Caller = Annotated[Principal, Depends(require("inference"))]


def wait_s(prefer: str | None) -> int:
    """Seconds that `Prefer: wait` or `Prefer: wait=N` (RFC 7240) asks for, 0 without it."""
    asked = _WAIT.search(prefer or "")
    if asked is None:
        return 0
    return min(int(asked[1] or service.MAX_WAIT_S), service.MAX_WAIT_S)


@router.post("", status_code=202, responses={200: {"model": JobBody}})
async def submit_job(
    body: JobRequest,
    response: Response,
    caller: Caller,
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=MAX_IDEMPOTENCY_KEY_CHARS)
    ] = None,
    prefer: Annotated[str | None, Header(description="`wait=N`: up to 25 seconds.")] = None,
) -> JobBody:
    """Submit a job. 202 while it runs, 200 once it has ended (within `Prefer: wait`) or was
    made before by the same Idempotency-Key (then with `Idempotent-Replayed: true`)."""
    webhook = body.webhook.wish() if body.webhook else None
    order = Order(
        body.model,
        body.input,
        ROUTE,
        idempotency_key,
        webhook,
        priority=body.priority,
        deadline_s=body.deadline_s,
    )
    submitted = submit(caller, order)
    job = await service.wait(submitted.job, wait_s(prefer))
    if submitted.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    response.headers["Location"] = f"/v1/inference/jobs/{job.id}"
    response.status_code = 200 if job.has_ended or submitted.replayed else 202
    return show(job)


@router.get("")
async def list_jobs(
    caller: Caller,
    status: Annotated[Status | None, Query()] = None,
    model: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=1024)] = None,
) -> JobPage:
    """The account's jobs, newest first, without their results. A page filtered by status or
    model may be short; go on while there is a `next_cursor`."""
    jobs, next_cursor = service.list_(caller, status, model, limit, cursor)
    return JobPage(data=[show(job, in_full=False) for job in jobs], next_cursor=next_cursor)


@router.get("/{job_id}")
async def get_job(
    job_id: str,
    caller: Caller,
    prefer: Annotated[str | None, Header(description="`wait=N`: up to 25 seconds.")] = None,
) -> JobBody:
    """One job, with its result once it has succeeded. Refusals: `job_not_found`."""
    return show(await service.wait(service.get(caller, job_id), wait_s(prefer)))


@router.delete("/{job_id}")
async def delete_job(job_id: str, caller: Caller) -> JobBody:
    """Cancel a job that is open, uncharged; or delete what one that has ended still
    keeps. Refusals: `job_not_found`."""
    return show(service.delete(caller, job_id))
