"""The content table.

item      pk                sk                                        ttl
verdict   ACCT#{account}    VERDICT#{job's creation}#{job}#{stage}    a year after the job

The key is made of what never changes about a job, so each stage's verdict is recorded once,
however often the stream tells of it, and an account's record lists by time.
"""

from typing import Final

from functions.content.settings import settings
from sluice import clock
from sluice.errors import Conflict
from sluice.table import Item, Page, Table, absent, sort_key

RETENTION_S: Final = 365 * 24 * 3600
"""As the privacy policy says (docs/policies/privacy-policy.md)."""


class AlreadyRecordedError(Conflict):
    """This verdict stands on the record."""


def _table() -> Table:
    return Table(settings().content_table)


def _pk(account: str) -> str:
    return f"ACCT#{account}"


def put_verdict(account: str, job: str, created_ms: int, stage: str, facts: Item) -> None:
    """Record one stage's verdict; raises AlreadyRecordedError."""
    key = {"pk": _pk(account), "sk": f"VERDICT#{created_ms:013d}#{job}#{stage}"}
    about = {"account": account, "job": job, "stage": stage, "created_ms": created_ms}
    ttl = created_ms // clock.MS_PER_S + RETENTION_S
    _table().put(
        key | about | facts | {"ttl": ttl},
        when=absent(),
        refused=lambda _: AlreadyRecordedError("This verdict is on the record."),
    ).send()


def list_verdicts(account: str, limit: int, cursor: str | None) -> Page:
    """Newest first."""
    return _table().query(
        _pk(account),
        sk=sort_key().begins_with("VERDICT#"),
        limit=limit,
        cursor=cursor,
        newest_first=True,
    )
