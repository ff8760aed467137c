"""Files too large for a request body: a presigned POST first, then `upload:{id}` in an input."""

import base64
from typing import Any

from functions.inference import files
from functions.inference.settings import settings
from functions.inference.uploads import store
from functions.inference.uploads.store import Upload
from sluice import aws, clock, ids
from sluice.errors import NotFound

LINK_TTL_S = 900


def create(account: str, content_type: str, size_bytes: int, sha256: str) -> tuple[Upload, Any]:
    """An upload and its presigned POST `{url, fields}`, which takes exactly the announced bytes:
    S3 itself compares type, size and SHA-256."""
    expires_ms = clock.now_ms() + store.TTL_S * clock.MS_PER_S
    upload = Upload(ids.new("upl"), account, content_type, size_bytes, expires_ms)
    store.put(upload)
    fixed = {
        "Content-Type": content_type,
        "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(sha256)).decode(),
        "x-amz-checksum-algorithm": "SHA256",
    }
    post = aws.client("s3").generate_presigned_post(
        Bucket=settings().files_bucket,
        Key=files.upload_key(upload.id),
        Fields=dict(fixed),
        Conditions=[
            *({name: value} for name, value in fixed.items()),
            ["content-length-range", size_bytes, size_bytes],
        ],
        ExpiresIn=LINK_TTL_S,
    )
    return upload, post | {"url": files.public(post["url"])}


def read(upload_id: str, account: str) -> bytes:
    """The bytes of the account's upload; a foreign, expired or never filled one does not exist."""
    upload = store.find(upload_id)
    data = None
    if upload is not None and upload.account == account:
        data = files.find(files.upload_key(upload.id))
    if data is None:
        raise NotFound(
            f"You have no upload {upload_id[:40]!r}, or its file was never sent.",
            code="upload_not_found",
        )
    return data
