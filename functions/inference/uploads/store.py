"""Uploads: who may use which object under `uploads/`. The key table is in `jobs/store.py`."""

from dataclasses import asdict, dataclass

from boto3.dynamodb.conditions import Attr

from functions.inference.settings import settings
from sluice import clock
from sluice.table import Item, Table, absent

TTL_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Upload:
    """`sha256` is hexadecimal, of the file as announced."""

    id: str
    account: str
    content_type: str
    size_bytes: int
    sha256: str
    expires_ms: int


class UploadExists(Exception):
    """The upload was announced before: `upload` as it stands."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(upload.id)
        self.upload = upload


def _table() -> Table:
    return Table(settings().jobs_table)


def put(upload: Upload) -> None:
    """Raises UploadExists, unless the earlier one is past its time (deletion by time is late)."""
    keys = {"pk": f"UPLOAD#{upload.id}", "sk": "UPLOAD"}
    expires = {"ttl": upload.expires_ms // clock.MS_PER_S}
    _table().put(
        keys | expires | asdict(upload),
        when=absent() | Attr("expires_ms").lte(clock.now_ms()),
        refused=lambda old: UploadExists(_upload(old or {})),
    ).send()


def find(upload_id: str) -> Upload | None:
    """The upload, unless it is gone or past its time."""
    item = _table().find(f"UPLOAD#{upload_id}", "UPLOAD")
    if item is None or item["expires_ms"] <= clock.now_ms():
        return None
    return _upload(item)


def delete(upload: Upload) -> None:
    _table().delete(f"UPLOAD#{upload.id}", "UPLOAD").send()


def _upload(item: Item) -> Upload:
    return Upload(**{name: item[name] for name in Upload.__slots__})
