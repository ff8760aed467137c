"""The jobs table.

item    pk                                   sk      index (gsi1)                     ttl
job     JOB#{job}                            JOB     ACCT#{account} / created#{job}   the stage's
rate    RATE#{account}#{model}#{minute}      RATE    -                                two minutes
upload  UPLOAD#{upload}                      UPLOAD  -                                24 hours
once    ONCE#{account, route and key}        ONCE    -                                30 days

A job's own key is what makes an idempotent request happen once; what cannot be its own guard has
`once` beside it. Rates are kept by `rates`, uploads by `uploads`, slots and queues by `flow`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from functions.inference.jobs.job import OPEN, Job, ResultFile
from functions.inference.settings import settings
from functions.inference.webhooks.kinds import JobWebhook
from sluice import clock
from sluice.errors import NotFound
from sluice.ledger import AlreadyEnded, Leg
from sluice.table import Item, Page, Refusal, Table, Write, absent, exists, sort_key

if TYPE_CHECKING:
    from sluice.moderation import Verdict

DAY_S = 24 * 3600
END_OF_TIME_MS = 10**13 - 1
"""The last moment that sorts as it should."""
_UNSAID: Mapping[str, Any] = {
    "dispatches": 0,
    "lease_until_ms": 0,
    "deleted": False,
    "queued": False,
    "priority": "normal",
    "facts": {},
    "files": (),
    "caps": (),
    "door": {},
}
"""What a job's item leaves out when it is as usual."""


class JobExists(Exception):
    """The job was created before: `job` as it stands."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.id)
        self.job = job


class JobStarted(Exception):
    """The job waits no more: `job` as it stands."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.id)
        self.job = job


class LeaseTaken(Exception):
    """Another handler is sending this job again, or it has ended."""


def _table() -> Table:
    return Table(settings().jobs_table)


def _pk(job_id: str) -> str:
    return f"JOB#{job_id}"


def find_job(job_id: str) -> Job | None:
    item = _table().find(_pk(job_id), "JOB")
    return of_item(item) if item else None


def find_jobs(job_ids: Sequence[str]) -> list[Job]:
    """Those of at most 100 jobs that exist, in no order."""
    return [of_item(item) for item in _table().find_many([(_pk(job), "JOB") for job in job_ids])]


def get_job(job_id: str, account: str) -> Job:
    """The account's job; a foreign one does not exist."""
    job = find_job(job_id)
    if job is None or job.account != account:
        raise NotFound(f"You have no job {job_id[:40]!r}.", code="job_not_found")
    return job


def list_jobs(
    account: str,
    where: ConditionBase | None,
    limit: int,
    cursor: str | None = None,
    since_ms: int = 0,
    until_ms: int = END_OF_TIME_MS,
    newest_first: bool = True,
) -> tuple[list[Job], str | None]:
    """Those created at `since_ms` or later and before `until_ms`; `where` filters after reading, so
    a page may be shorter than `limit`."""
    page: Page = _table().query(
        f"ACCT#{account}",
        index=True,
        sk=sort_key(index=True).between(f"{since_ms:013d}", f"{until_ms:013d}"),
        where=where,
        limit=limit,
        cursor=cursor,
        newest_first=newest_first,
    )
    return [of_item(item) for item in page.items], page.cursor


def create(job: Job) -> Write:
    """Put the job, unless its id exists: then JobExists carries it as it stands."""
    return _table().put(
        _item(job),
        when=absent(),
        refused=lambda old: JobExists(of_item(old or {})),
    )


def lease(job: Job, until_ms: int) -> Write:
    """Take the right to send the job again; one handler at a time, and only while it is open."""
    return _table().update(
        _pk(job.id),
        "JOB",
        set_={"lease_until_ms": until_ms, "dispatches": job.dispatches + 1},
        when=Attr("status").eq(OPEN)
        & _is_or_unsaid("dispatches", job.dispatches)
        & (Attr("lease_until_ms").not_exists() | Attr("lease_until_ms").lte(clock.now_ms())),
        refused=lambda old: LeaseTaken(job.id),
    )


def _is_or_unsaid(name: str, value: int) -> ConditionBase:
    is_value: ConditionBase = Attr(name).eq(value)
    return is_value if value else is_value | Attr(name).not_exists()


def note_verdict(job: Job, stage: str, verdict: "Verdict") -> Write:
    """Keep what moderation flagged but let pass; the record of it is made from the stream."""
    return _table().update(
        _pk(job.id),
        "JOB",
        set_={("verdicts", stage): verdict.as_item(), "flagged": True},
        when=exists(),
        refused=lambda old: NotFound("The job is gone.", code="job_not_found"),
    )


def start(job: Job) -> Write:
    """Take the job from the queue, with the deadlines that `job` has from now on."""
    return _table().update(
        _pk(job.id),
        "JOB",
        set_={
            "started_ms": job.started_ms,
            "slot_until_ms": job.slot_until_ms,
            "deadline_ms": job.deadline_ms,
        },
        when=Attr("status").eq(OPEN) & Attr("started_ms").not_exists(),
        refused=_why_not_waiting(job),
    )


def end(job: Job, status: str, facts: Mapping[Any, Any], *, keeps_slot: bool = False) -> Write:
    """Move the job to its terminal state, once; the input is no longer needed then. A tuple among
    `facts` names a field inside a map. A job that was thought to wait, and does not, raises
    JobStarted."""
    still = Attr("status").eq(OPEN)
    return _table().update(
        _pk(job.id),
        "JOB",
        set_={"status": status, "ended_ms": clock.now_ms()}
        | {name: value for name, value in facts.items() if value is not None},
        remove=("input",) if keeps_slot else ("input", "slot_until_ms"),
        when=still & Attr("started_ms").not_exists() if job.is_waiting else still,
        refused=_why_not_waiting(job),
    )


def _why_not_waiting(job: Job) -> Refusal:
    def explain(old: Item | None) -> Exception:
        now = of_item(old) if old else None
        if now is None or now.has_ended:
            return AlreadyEnded(job.id)
        return JobStarted(now)

    return explain


def forget_contents(job: Job) -> Write:
    """Mark an ended job's input and result as deleted; the record itself stays until its time."""
    return _table().update(
        _pk(job.id),
        "JOB",
        set_={"deleted": True},
        remove=("result", "result_name", "files", "input"),
        when=exists(),
        refused=lambda old: NotFound("The job is gone.", code="job_not_found"),
    )


def _item(job: Job) -> Item:
    fields = asdict(job) | {"legs": [asdict(leg) for leg in job.legs]}
    for name in _UNSAID:
        # An item is paid for by its size.
        if fields[name] == _UNSAID[name]:
            del fields[name]
    return fields | {
        "pk": _pk(job.id),
        "sk": "JOB",
        "gsi1pk": f"ACCT#{job.account}",
        "gsi1sk": f"{job.created_ms:013d}#{job.id}",
        "ttl": job.created_ms // clock.MS_PER_S + settings().job_retention_days * DAY_S,
    }


def of_item(item: Item) -> Job:
    """A job from its item, as the table gives it or its stream."""
    fields = {name: item[name] for name in Job.__slots__ if name in item}
    fields["legs"] = tuple(Leg(**leg) for leg in item["legs"])
    fields["caps"] = tuple(item.get("caps", ()))
    fields["files"] = tuple(ResultFile(**file) for file in item.get("files", ()))
    if "webhook" in item:
        webhook = item["webhook"]
        fields["webhook"] = JobWebhook(**webhook | {"events": tuple(webhook["events"])})
    return Job(**fields)
