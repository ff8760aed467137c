"""An account's record: what moderation flagged or blocked, the evidence of a later restriction."""

from dataclasses import dataclass

from functions.content.record import store
from functions.content.record.store import AlreadyRecordedError
from sluice.log import logger
from sluice.moderation.verdict import Verdict, of_item
from sluice.table import Item


@dataclass(frozen=True, slots=True)
class Recorded:
    """A verdict on a job's `input` or `output`. The content itself is not kept here."""

    job: str
    model: str
    stage: str
    verdict: Verdict
    created_ms: int


def record_job(job: Item) -> None:
    """Record each verdict of a job's item that is not an allow, once for each stage."""
    for stage, item in sorted(job["verdicts"].items()):
        verdict = of_item(item)
        if verdict.action == "allow":
            continue
        facts = {"model": job["model"], "verdict": verdict.as_item()}
        try:
            store.put_verdict(job["account"], job["id"], job["created_ms"], stage, facts)
        except AlreadyRecordedError:
            continue
        logger.info("recorded", extra={"job": job["id"], "stage": stage, "said": verdict.action})


def list_recorded(
    account: str, limit: int, cursor: str | None
) -> tuple[list[Recorded], str | None]:
    """A page of the account's record, newest first, and the cursor of the next."""
    page = store.list_verdicts(account, limit, cursor)
    return [_recorded(item) for item in page.items], page.cursor


def _recorded(item: Item) -> Recorded:
    return Recorded(
        job=item["job"],
        model=item["model"],
        stage=item["stage"],
        verdict=of_item(item["verdict"]),
        created_ms=item["created_ms"],
    )
