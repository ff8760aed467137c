"""/v1/inference/uploads"""

from typing import Annotated

from fastapi import APIRouter, Depends

from functions.inference.uploads import service
from functions.inference.uploads.schemas import UploadBody, UploadRequest
from sluice import clock
from sluice.http import PROBLEMS
from sluice.principal import Principal, require

router = APIRouter(prefix="/v1/inference/uploads", tags=["uploads"], responses=PROBLEMS)


@router.post("", status_code=201)
async def create_upload(
    body: UploadRequest, caller: Annotated[Principal, Depends(require("inference"))]
) -> UploadBody:
    """Announce a file that is too large for a request; it is kept for 24 hours."""
    upload, post = service.create(caller.account, body.content_type, body.size_bytes, body.sha256)
    return UploadBody(
        id=upload.id,
        reference=f"upload:{upload.id}",
        expires_at=clock.iso(upload.expires_ms),
        url=post["url"],
        fields=post["fields"],
    )
