"""Uploads: who may use which object under `uploads/`. The key table is in `jobs/store.py`."""

from dataclasses import asdict, dataclass

from functions.inference.settings import settings
from sluice import clock
from sluice.table import Table, absent

TTL_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Upload:
    id: str
    account: str
    content_type: str
    size_bytes: int
    expires_ms: int


def _table() -> Table:
    return Table(settings().jobs_table)


def put(upload: Upload) -> None:
    keys = {"pk": f"UPLOAD#{upload.id}", "sk": "UPLOAD"}
    expires = {"ttl": upload.expires_ms // clock.MS_PER_S}
    _table().put(keys | expires | asdict(upload), when=absent()).send()


def find(upload_id: str) -> Upload | None:
    """The upload, unless it is gone or past its 24 hours (deletion by time is late)."""
    item = _table().find(f"UPLOAD#{upload_id}", "UPLOAD")
    if item is None or item["expires_ms"] <= clock.now_ms():
        return None
    return Upload(**{name: item[name] for name in Upload.__slots__})
