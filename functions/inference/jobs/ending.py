"""A job's one end: its terminal state and its hold's, in one transaction.

Whoever comes second finds the job as the first left it; nothing here can charge or release twice.
"""

from collections.abc import Mapping
from typing import Any

from functions.inference.flow import store as flow
from functions.inference.jobs import store
from functions.inference.jobs.job import Job
from functions.inference.jobs.purse import ledger_table
from sluice import clock
from sluice.ledger import AlreadyEnded, settle
from sluice.log import logger
from sluice.moderation import Verdict
from sluice.table import Transaction, Write


def end(
    job: Job,
    status: str,
    *,
    charge_nanos: int = 0,
    verdict: tuple[str, Verdict] | None = None,
    is_given_up: bool = False,
    **facts: Any,
) -> Job:
    """End `job`, its hold, and its slot or place; gives the job as it stands afterwards, whoever
    ended it. `verdict` is the last stage's, if it was screened. What `is_given_up` may still be in
    its model's hands, and keeps its slot until that lets go of it."""
    noted: dict[Any, Any] = {"charged_nanos": charge_nanos} | facts
    if verdict is not None:
        stage, said = verdict
        noted["verdicts", stage] = said.as_item()
        if said.action != "allow":
            noted["flagged"] = True
    try:
        _commit(job, status, noted, is_given_up)
    except AlreadyEnded:
        logger.info("the job had ended before", extra={"job": job.id, "wanted": status})
    else:
        logger.info("job ended", extra={"job": job.id, "status": status, "nanos": charge_nanos})
    return store.find_job(job.id) or job


def _commit(job: Job, status: str, noted: Mapping[Any, Any], is_given_up: bool) -> None:
    """A job that waited may have been started meanwhile, but only once."""
    try:
        _transaction(job, status, noted, is_given_up).commit()
    except store.JobStarted as started:
        _transaction(started.job, status, noted, is_given_up).commit()


def _transaction(job: Job, status: str, noted: Mapping[Any, Any], is_given_up: bool) -> Transaction:
    until_ms = job.slot_until_ms or 0
    keeps_slot = is_given_up and not job.is_waiting and until_ms > clock.now_ms()
    return Transaction().add(
        store.end(job, status, noted, keeps_slot=keeps_slot),
        *settle(ledger_table(), job.legs, job.id, noted["charged_nanos"], job.caps),
        *([] if keeps_slot else _make_room(job)),
    )


def _make_room(job: Job) -> list[Write]:
    if job.is_waiting:
        return flow.leave_queue(job)
    return [flow.give_back(job)] if job.slot_until_ms else []


def cancel(job: Job) -> Job:
    """Release at once; a result that still comes is dropped."""
    return end(job, "canceled", is_given_up=True)


def expire(job: Job, *, is_answered: bool = False) -> Job:
    """Release; `is_answered` says that the model's work on it is over."""
    error = _error("deadline_exceeded", "No result came in time.")
    return end(job, "expired", is_given_up=not is_answered, error=error)


def fail(job: Job, code: str, message: str) -> Job:
    return end(job, "failed", error=_error(code, message))


def block(job: Job, stage: str, verdict: Verdict) -> Job:
    """Moderation's block of the `input` or `output`: released, never charged."""
    categories = ", ".join(f.category for f in verdict.findings if f.action == "block")
    message = (
        f"The {stage} was blocked by the content policy ({categories}); nothing was charged. "
        "GET /v1/content/policy explains the categories."
    )
    return end(
        job,
        "blocked",
        error=_error("content_blocked", message),
        verdict=(stage, verdict),
    )


def _error(code: str, message: str) -> Mapping[str, str]:
    return {"code": code, "message": message}
