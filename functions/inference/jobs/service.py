"""What callers do with their jobs: look, wait, list, cancel, delete."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from functions.inference import files
from functions.inference.jobs import ending, store
from functions.inference.jobs.job import OPEN, QUEUED, Job
from functions.inference.webhooks import store as webhooks
from functions.inference.webhooks.delivery import Delivery
from sluice import clock
from sluice.catalog import cards
from sluice.principal import Principal

MAX_WAIT_S = 25
MAX_READS_PER_PAGE = 5
POLL_FIRST_S, POLL_MAX_S, POLL_GROWTH = 0.1, 0.8, 1.5


def get(principal: Principal, job_id: str) -> Job:
    return store.get_job(job_id, principal.account)


def deliveries_of(job: Job) -> list[Delivery]:
    """What became of its webhooks, once it has ended."""
    if job.ended_ms is None:
        return []
    return webhooks.list_of_job(job.account, job.id, job.ended_ms)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs to list; what is None does not matter. `since_ms` counts, `until_ms` does not."""

    status: str | None = None
    model: str | None = None
    task: str | None = None
    credential: str | None = None
    since_ms: int = 0
    until_ms: int = store.END_OF_TIME_MS
    newest_first: bool = True


def list_(
    principal: Principal, wanted: Wanted, limit: int, cursor: str | None
) -> tuple[list[Job], str | None]:
    """A page, read in a few steps where most of what is read is not wanted. A job's place in the
    list never changes, so whoever follows the cursors sees each once."""
    found: list[Job] = []
    for _ in range(MAX_READS_PER_PAGE):
        jobs, cursor = store.list_jobs(
            principal.account,
            _where(wanted),
            limit - len(found),
            cursor,
            wanted.since_ms,
            wanted.until_ms,
            wanted.newest_first,
        )
        found += jobs
        if cursor is None or len(found) >= limit:
            break
    return found, cursor


def _where(wanted: Wanted) -> ConditionBase | None:
    card = cards().get(wanted.model) if wanted.model else None
    fields = {
        "model": card.id if card else wanted.model,
        "task": wanted.task,
        "credential": wanted.credential,
    }
    conditions: list[ConditionBase] = [
        Attr(name).eq(value) for name, value in fields.items() if value is not None
    ]
    if wanted.status is not None:
        conditions.append(_has_status(wanted.status))
    return reduce(and_, conditions) if conditions else None


def _has_status(status: str) -> ConditionBase:
    """As shown: an open job is either queued or accepted."""
    is_status: ConditionBase = Attr("status").eq(OPEN if status == QUEUED else status)
    if status == QUEUED:
        return is_status & Attr("queued").eq(True) & Attr("started_ms").not_exists()
    if status == OPEN:
        return is_status & (Attr("queued").not_exists() | Attr("started_ms").exists())
    return is_status


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
        text = files.find(files.result_key(job.id, job.result_name or files.RESULT_NAME))
    return None if text is None else json.loads(text)
