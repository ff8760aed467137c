"""What callers do with their jobs: look, wait, list, cancel, delete."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from functions.inference import files
from functions.inference.jobs import ending, store
from functions.inference.jobs.job import Job
from sluice import clock
from sluice.catalog import cards
from sluice.principal import Principal

MAX_WAIT_S = 25
POLL_FIRST_S, POLL_MAX_S, POLL_GROWTH = 0.1, 0.8, 1.5


def get(principal: Principal, job_id: str) -> Job:
    return store.get_job(job_id, principal.account)


def list_(
    principal: Principal, status: str | None, model: str | None, limit: int, cursor: str | None
) -> tuple[list[Job], str | None]:
    where: ConditionBase | None = None
    card = cards().get(model) if model else None
    for name, wanted in (("status", status), ("model", card.id if card else model)):
        if wanted is not None:
            condition = Attr(name).eq(wanted)
            where = condition if where is None else where & condition
    return store.list_jobs(principal.account, where, limit, cursor)


async def wait(job: Job, wait_s: float) -> Job:
    """The job once it has ended, or as it is after `wait_s` seconds (at most 25, since the gateway
    in front gives up at 30)."""
    until_ms = clock.now_ms() + int(min(wait_s, MAX_WAIT_S) * clock.MS_PER_S)
    pause_s = POLL_FIRST_S
    while not job.has_ended and clock.now_ms() < until_ms:
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * POLL_GROWTH, POLL_MAX_S)
        job = store.find_job(job.id) or job
    return job


def delete(principal: Principal, job_id: str) -> Job:
    """Cancel an open job, uncharged; delete the input and result of one that has ended."""
    job = store.get_job(job_id, principal.account)
    if not job.has_ended:
        # Who meant to cancel and came too late has paid for the result, and keeps it.
        return ending.cancel(job)
    if not job.deleted:
        store.forget_contents(job).send()
    files.delete_job(job.id)
    return store.get_job(job_id, principal.account)


def read_result(job: Job) -> Mapping[str, Any] | None:
    """The JSON result of a job that has one, wherever it was kept; None once it is deleted."""
    if job.status != "succeeded" or job.deleted or job.files:
        return None
    if job.result is not None:
        text: str | bytes | None = job.result
    else:
        text = files.find(files.result_key(job.id, files.RESULT_NAME))
    return None if text is None else json.loads(text)
