"""/v1/inference/uploads"""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from functions.inference.uploads import service
from functions.inference.uploads.schemas import UploadBody, UploadRequest
from sluice import clock
from sluice.http import PROBLEMS
from sluice.principal import Principal, require

router = APIRouter(prefix="/v1/inference/uploads", tags=["uploads"], responses=PROBLEMS)


@router.delete("/{upload_id}", status_code=204)
async def delete_upload(
    upload_id: str, caller: Annotated[Principal, Depends(require("inference"))]
) -> None:
    """Delete the file at once. Jobs that were submitted with it keep what they need of it until
    they end. Refusals: `upload_not_found`."""
    service.delete(upload_id, caller.account)


@router.post("", status_code=201)
async def create_upload(
    body: UploadRequest,
    response: Response,
    caller: Annotated[Principal, Depends(require("inference"))],
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> UploadBody:
    """Announce a file that is too large for a request; it is kept for 24 hours."""
    announced = service.announce(
        caller.account, body.content_type, body.size_bytes, body.sha256, idempotency_key
    )
    if announced.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return UploadBody(
        id=announced.upload.id,
        reference=f"upload:{announced.upload.id}",
        expires_at=clock.iso(announced.upload.expires_ms),
        url=announced.post["url"],
        fields=announced.post["fields"],
    )
