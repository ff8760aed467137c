"""From the queue to the model: whoever frees a slot, or finds one free, sends the next.

Nothing depends on it being called at the right moment: a flow in which jobs wait stands in an
index, and the sweeper comes by every minute.
"""

from dataclasses import replace

from botocore.exceptions import BotoCoreError, ClientError

from functions.inference.flow import store
from functions.inference.flow.store import Flow, FlowMoved
from functions.inference.jobs import dispatch, ending
from functions.inference.jobs import store as jobs
from functions.inference.jobs.job import Job
from functions.inference.jobs.purse import ledger_table
from functions.inference.settings import get_endpoint
from sluice import clock
from sluice.errors import SluiceError
from sluice.ledger import AlreadyEnded, reschedule
from sluice.limits import MAX_IN_FLIGHT
from sluice.log import logger
from sluice.table import Transaction

MAX_ROUNDS = 2 * MAX_IN_FLIGHT
"""As many jobs as one call may start, with as many more that ended or raced away meanwhile."""
INPUT_GRACE_MS = 60_000
"""A job joins the queue before its large input is stored; for so long it may still be stored."""
_TROUBLE = (SluiceError, BotoCoreError, ClientError)


def let_go(job: Job) -> None:
    """A model has answered a job that had been given up: its slot is free."""
    if job.has_ended and job.slot_until_ms:
        store.give_back(job).send()


def advance(account: str, model: str) -> int:
    """Send jobs that wait while slots are free; gives how many were sent. What one of them meets
    keeps no other waiting."""
    sent = 0
    for _ in range(MAX_ROUNDS):
        flow = _cleared(store.find_flow(account, model))
        if not flow.waiting or not flow.is_free:
            break
        try:
            started = _start_next(flow)
        except (FlowMoved, AlreadyEnded, jobs.JobStarted):
            continue  # somebody else moved it on
        if started is None:
            break
        sent += not started.has_ended
        _send(started)
    return sent


def position_of(job: Job) -> int | None:
    """1 for the next; None for a job that does not wait, or has very many before it."""
    before = store.count_before(job) if job.is_waiting else None
    return None if before is None else before + 1


def _cleared(flow: Flow) -> Flow:
    """Without the slots that nothing can use any more, if it is for them that jobs wait."""
    outlived = flow.outlived
    if not flow.waiting or flow.is_free or not outlived:
        return flow
    store.give_back_outlived(flow).send()
    return replace(flow, slots=flow.slots - outlived)


def _start_next(flow: Flow) -> Job | None:
    """The next job, with a slot of its own, or ended because its time was over; None when none
    can be started now."""
    job_id = store.find_first(flow.account, flow.model)
    job = jobs.find_job(job_id) if job_id else None
    if job is None:
        return None
    now_ms = clock.now_ms()
    if now_ms >= job.deadline_ms:
        return ending.expire(job)
    is_young = now_ms - job.created_ms < INPUT_GRACE_MS
    if is_young and dispatch.kept_input(job) is None:
        return None  # its acceptor comes by once it is stored
    until_ms = dispatch.slot_until_ms(get_endpoint(job.model))
    started = replace(
        job,
        started_ms=now_ms,
        slot_until_ms=until_ms,
        deadline_ms=min(job.deadline_ms, until_ms),
    )
    Transaction().add(
        jobs.start(started),
        *store.start(started, flow),
        *reschedule(
            ledger_table(),
            job.legs,
            job.id,
            look_ms=dispatch.look_ms(started),
            deadline_ms=started.deadline_ms,
        ),
    ).commit()
    return started


def _send(job: Job) -> None:
    if job.has_ended:
        return
    try:
        dispatch.send_again(job)
    except _TROUBLE:
        logger.exception("the job waits for the sweeper", extra={"job": job.id})
