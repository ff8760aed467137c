"""Files too large for a request body: a presigned POST first, then `upload:{id}` in an input."""

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import Any

from functions.inference import files
from functions.inference.settings import settings
from functions.inference.uploads import store
from functions.inference.uploads.store import Upload, UploadExists
from sluice import aws, clock, ids
from sluice.catalog import Card, cards
from sluice.errors import IdempotencyMismatch, InvalidInput, NotFound, PayloadTooLarge

LINK_TTL_S = 900
ROUTE = "/v1/inference/uploads"


@dataclass(frozen=True, slots=True)
class Announced:
    """An upload and its presigned POST `{url, fields}`; `replayed` when an earlier request with
    the same key announced it."""

    upload: Upload
    post: Any
    replayed: bool


def limit_bytes(content_type: str) -> int:
    """The largest file of a type that any model takes, 0 when none takes the type."""
    return max((_limit_bytes(card, content_type) for card in cards().values()), default=0)


def _limit_bytes(card: Card, content_type: str) -> int:
    return max(
        (
            spec["x-sluice-file"]["max_bytes"]
            for spec in card.input_schema["properties"].values()
            if content_type in spec.get("x-sluice-file", {}).get("content_types", ())
        ),
        default=0,
    )


def announce(
    account: str, content_type: str, size_bytes: int, sha256: str, idempotency_key: str | None
) -> Announced:
    """An upload whose POST takes exactly the announced bytes: S3 itself compares type, size and
    SHA-256. Raises PayloadTooLarge, IdempotencyMismatch."""
    limit = limit_bytes(content_type)
    if size_bytes > limit:
        raise PayloadTooLarge(f"No model here takes a file of more than {limit} bytes.")
    upload_id = (
        ids.new("upl")
        if idempotency_key is None
        else ids.derive("upl", account, ROUTE, idempotency_key)
    )
    expires_ms = clock.now_ms() + store.TTL_S * clock.MS_PER_S
    upload = Upload(upload_id, account, content_type, size_bytes, sha256, expires_ms)
    try:
        store.put(upload)
    except UploadExists as existing:
        if replace(upload, expires_ms=existing.upload.expires_ms) != existing.upload:
            raise IdempotencyMismatch(
                "This Idempotency-Key was used for another file; use a new key."
            ) from None
        return Announced(existing.upload, _sign(existing.upload), replayed=True)
    return Announced(upload, _sign(upload), replayed=False)


def _sign(upload: Upload) -> Any:
    fixed = {
        "Content-Type": upload.content_type,
        "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(upload.sha256)).decode(),
        "x-amz-checksum-algorithm": "SHA256",
    }
    post = aws.client("s3").generate_presigned_post(
        Bucket=settings().files_bucket,
        Key=files.upload_key(upload.id),
        Fields=dict(fixed),
        Conditions=[
            *({name: value} for name, value in fixed.items()),
            ["content-length-range", upload.size_bytes, upload.size_bytes],
        ],
        ExpiresIn=LINK_TTL_S,
    )
    return post | {"url": files.public(post["url"])}


def delete(upload_id: str, account: str) -> None:
    """The account's upload and its file; a foreign or expired one does not exist."""
    upload = store.find(upload_id)
    if upload is None or upload.account != account:
        raise NotFound(f"You have no upload {upload_id[:40]!r}.", code="upload_not_found")
    files.delete([files.upload_key(upload.id)])
    store.delete(upload)


def read(upload_id: str, account: str) -> bytes:
    """The bytes of the account's upload; a foreign, expired or never filled one does not exist.
    Raises NotFound, InvalidInput when the file is not the one announced."""
    upload = store.find(upload_id)
    data = None
    if upload is not None and upload.account == account:
        data = files.find(files.upload_key(upload.id))
    if upload is None or data is None:
        raise NotFound(
            f"You have no upload {upload_id[:40]!r}, or its file was never sent.",
            code="upload_not_found",
        )
    if hashlib.sha256(data).hexdigest() != upload.sha256:
        raise InvalidInput(
            "The uploaded file is not the one that was announced.", code="upload_mismatch"
        )
    return data
