"""/v1/inference/jobs"""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import AwareDatetime, BeforeValidator

from functions.inference.flow.forecast import of_job
from functions.inference.flow.service import position_of
from functions.inference.jobs import service
from functions.inference.jobs.schemas import JobBody, JobPage, JobRequest, Status, show
from functions.inference.jobs.service import Wanted
from functions.inference.jobs.store import END_OF_TIME_MS
from functions.inference.jobs.submission import submit
from functions.inference.jobs.timeline import Timeline, events_of
from sluice.http import PROBLEMS
from sluice.limits import limits_of
from sluice.principal import Principal, require

MAX_IDEMPOTENCY_KEY_CHARS = 255
ROUTE = "/v1/inference/jobs"
_WAIT = re.compile(r"\bwait(?:=(\d{1,3}))?\b")

router = APIRouter(prefix="/v1/inference/jobs", tags=["jobs"], responses=PROBLEMS)


def _written_out(given: Any) -> Any:
    """The framework would take a bare number for seconds since 1970."""
    if isinstance(given, str) and ":" not in given:
        raise ValueError("not a time as 2026-11-25T12:00:00Z")
    return given


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out)]
Caller = Annotated[Principal, Depends(require("inference"))]
Reader = Annotated[Principal, Depends(require("inference:read"))]


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
    submitted = submit(caller, body.order(ROUTE, idempotency_key))
    job = await service.wait(submitted.job, wait_s(prefer))
    if submitted.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    response.headers["Location"] = f"/v1/inference/jobs/{job.id}"
    response.status_code = 200 if job.has_ended or submitted.replayed else 202
    return show(job)


def wanted_jobs(
    status: Annotated[Status | None, Query()] = None,
    model: Annotated[str | None, Query(max_length=128)] = None,
    task: Annotated[str | None, Query(max_length=64)] = None,
    key: Annotated[str | None, Query(max_length=64, description="A credential's id.")] = None,
    since: Annotated[Moment | None, Query(description="Created then or later.")] = None,
    until: Annotated[Moment | None, Query(description="Created before.")] = None,
    order: Annotated[Literal["newest", "oldest"], Query()] = "newest",
) -> Wanted:
    return Wanted(
        status,
        model,
        task,
        key,
        0 if since is None else _ms(since),
        END_OF_TIME_MS if until is None else _ms(until),
        newest_first=order == "newest",
    )


def _ms(moment: datetime) -> int:
    return min(max(int(moment.timestamp() * 1000), 0), END_OF_TIME_MS)


@router.get("")
async def list_jobs(
    caller: Reader,
    wanted: Annotated[Wanted, Depends(wanted_jobs)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=1024)] = None,
) -> JobPage:
    """The account's jobs, without their results. A filtered page may be short; go on while there
    is a `next_cursor`."""
    jobs, next_cursor = service.list_(caller, wanted, limit, cursor)
    return JobPage(data=[show(job, in_full=False) for job in jobs], next_cursor=next_cursor)


@router.get("/{job_id}/timeline")
async def get_timeline(job_id: str, caller: Reader) -> Timeline:
    """What became of the job so far and of its webhooks, oldest first. Refusals:
    `job_not_found`."""
    job = service.get(caller, job_id)
    return Timeline(data=events_of(job, position_of(job), service.deliveries_of(job)))


@router.get("/{job_id}")
async def get_job(
    job_id: str,
    caller: Reader,
    prefer: Annotated[str | None, Header(description="`wait=N`: up to 25 seconds.")] = None,
) -> JobBody:
    """One job, with its result once it has succeeded; while it is open, with about when that will
    be. Refusals: `job_not_found`."""
    job = await service.wait(service.get(caller, job_id), wait_s(prefer))
    return show(job, outlook=of_job(job, limits_of(caller.tier).in_flight))


@router.delete("/{job_id}")
async def delete_job(job_id: str, caller: Caller) -> JobBody:
    """Cancel a job that is open, uncharged; or delete what one that has ended still
    keeps. Refusals: `job_not_found`."""
    return show(service.delete(caller, job_id))
