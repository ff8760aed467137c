"""Schedule handler, every minute: ends what nobody ended.

It walks the index of open holds, so whatever holds credit is found, whoever died. A job may have
an output whose notice was lost, may never have been sent, or may be past its deadline.
"""

from typing import Any

from boto3.dynamodb.conditions import ConditionBase
from botocore.exceptions import BotoCoreError, ClientError

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
    """Gives how many open jobs it looked at."""
    seen: set[str] = set()
    before_ms = clock.now_ms() - dispatch.SILENCE_S * clock.MS_PER_S
    silent: ConditionBase = sort_key(index=True).lt(f"{before_ms:013d}")
    for shard in ledger.hold_shards():
        cursor = None
        for _ in range(MAX_PAGES_PER_SHARD):
            page = ledger_table().query(shard, index=True, sk=silent, cursor=cursor)
            for line in page.items:
                if line["job"] not in seen:
                    seen.add(line["job"])
                    _sweep(line["job"])
            cursor = page.cursor
            if cursor is None:
                break
    return {"seen": len(seen)}


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
    is_silent = now_ms - job.created_ms >= silence_s * clock.MS_PER_S
    if is_silent and job.dispatches < dispatch.MAX_RESENDS:
        store.lease(job, now_ms + LEASE_S * clock.MS_PER_S).send()
        dispatch.send_again(job)
