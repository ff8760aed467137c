"""Schedule handler, every minute: ends what nobody ended.

It walks the index of open holds, so whatever holds credit is found, whoever died. A job may have
an output whose notice was lost, may never have been sent, or may be past its deadline. A job that
waits for a slot is not due before its deadline; what is walked for those are flows, not jobs.
"""

from typing import Any

from boto3.dynamodb.conditions import ConditionBase
from botocore.exceptions import BotoCoreError, ClientError

from functions.inference.flow import store as flows
from functions.inference.flow.service import advance
from functions.inference.jobs import dispatch, ending, store
from functions.inference.jobs.completion import complete
from functions.inference.jobs.job import Job
from functions.inference.jobs.purse import ledger_table
from functions.inference.settings import get_endpoint
from sluice import clock, ledger
from sluice.errors import SluiceError
from sluice.log import logger
from sluice.table import sort_key

MAX_PAGES_PER_SHARD = 10
LEASE_S = 120
_TROUBLE = (SluiceError, BotoCoreError, ClientError, LookupError, TypeError, ValueError)
"""What one job may meet: refusals, AWS, and what it means to us that its card or task has changed
since. None of it may end the sweep, or the oldest such job would keep all others open for ever."""


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Gives how many open jobs, and flows in which jobs wait, it looked at."""
    return {"seen": _sweep_jobs(), "flows": _sweep_flows()}


def _sweep_jobs() -> int:
    seen: set[str] = set()
    due: ConditionBase = sort_key(index=True).lte(f"{clock.now_ms():013d}")
    for shard in ledger.hold_shards():
        cursor = None
        for _ in range(MAX_PAGES_PER_SHARD):
            page = ledger_table().query(shard, index=True, sk=due, cursor=cursor)
            for line in page.items:
                if line["job"] not in seen:
                    seen.add(line["job"])
                    _sweep(line["job"])
            cursor = page.cursor
            if cursor is None:
                break
    return len(seen)


def _sweep_flows() -> int:
    """Send what waits for a slot that nobody filled; each time from another shard on, so that a
    sweep that is cut short passes over nobody for ever."""
    seen = 0
    shards = flows.waiting_shards()
    first = clock.now_s() // 60 % len(shards)
    for shard in shards[first:] + shards[:first]:
        cursor = None
        for _ in range(MAX_PAGES_PER_SHARD):
            found, cursor = flows.list_waiting(shard, cursor)
            for account, model in found:
                seen += 1
                _sweep_flow(account, model)
            if cursor is None:
                break
    return seen


def _sweep_flow(account: str, model: str) -> None:
    try:
        advance(account, model)
        now = flows.find_flow(account, model)
        if not now.waiting:
            flows.forget_waiting(now).send()
    except (flows.FlowMoved, *_TROUBLE):
        logger.exception("could not advance a queue; the next sweep tries again")


def _sweep(job_id: str) -> None:
    """One job's trouble must not keep the others waiting."""
    logger.append_keys(job=job_id)
    try:
        job = complete(job_id)
    except _TROUBLE:
        logger.exception("could not complete; the deadline decides")
        job = store.find_job(job_id)
    if job is None or job.has_ended:
        return
    try:
        _press_on(job)
    except (store.LeaseTaken, *_TROUBLE):
        logger.exception("could not press on; the next sweep tries again")


def _press_on(job: Job) -> None:
    now_ms = clock.now_ms()
    if now_ms >= job.deadline_ms:
        ending.expire(job)
        return
    silence_s = dispatch.silence_s(get_endpoint(job.model)) * (job.dispatches + 1)
    is_silent = now_ms - job.sent_ms >= silence_s * clock.MS_PER_S
    if is_silent and not job.is_waiting and job.dispatches < dispatch.MAX_RESENDS:
        store.lease(job, now_ms + LEASE_S * clock.MS_PER_S).send()
        dispatch.send_again(job)
