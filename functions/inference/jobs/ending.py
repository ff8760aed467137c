"""A job's one end: its terminal state and its hold's, in one transaction.

Whoever comes second finds the job as the first left it; nothing here can charge or release twice.
"""

from collections.abc import Mapping
from typing import Any

from functions.inference.jobs import store
from functions.inference.jobs.job import Job
from functions.inference.jobs.purse import ledger_table
from sluice.ledger import AlreadyEnded, settle
from sluice.log import logger
from sluice.moderation import Verdict
from sluice.table import Transaction


def end(
    job: Job,
    status: str,
    *,
    charge_nanos: int = 0,
    verdict: tuple[str, Verdict] | None = None,
    **facts: Any,
) -> Job:
    """End `job` and its hold; gives the job as it stands afterwards, whoever ended it. `verdict`
    is the last stage's, if it was screened."""
    noted: dict[Any, Any] = {"charged_nanos": charge_nanos} | facts
    if verdict is not None:
        stage, said = verdict
        noted["verdicts", stage] = said.as_item()
        if said.action != "allow":
            noted["flagged"] = True
    try:
        Transaction().add(
            store.end(job, status, noted),
            *settle(ledger_table(), job.legs, job.id, charge_nanos),
        ).commit()
    except AlreadyEnded:
        logger.info("the job had ended before", extra={"job": job.id, "wanted": status})
    else:
        logger.info("job ended", extra={"job": job.id, "status": status, "nanos": charge_nanos})
    return store.find_job(job.id) or job


def cancel(job: Job) -> Job:
    """Release at once; a result that still comes is dropped."""
    return end(job, "canceled")


def expire(job: Job) -> Job:
    return end(job, "expired", error=_error("deadline_exceeded", "No result came in time."))


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
