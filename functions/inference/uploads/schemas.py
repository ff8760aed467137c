"""Uploads as the API takes and shows them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_UPLOAD_BYTES = 5_000_000_000
"""S3's own limit of one POST; the models' are far below and say so themselves."""


class UploadRequest(BaseModel):
    """The file as it is: S3 refuses any other type, size or content."""

    model_config = ConfigDict(extra="forbid")

    content_type: Literal[
        "image/png",
        "image/jpeg",
        "audio/mpeg",
        "audio/wav",
        "audio/flac",
        "audio/ogg",
        "audio/mp4",
    ]
    size_bytes: Annotated[int, Field(ge=1, le=MAX_UPLOAD_BYTES, strict=True)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="Hexadecimal.")]


class UploadBody(BaseModel):
    """POST the file to `url` as multipart form data: `fields` first, then `file`."""

    object: Literal["upload"] = "upload"
    id: str
    reference: str = Field(description="What to write in an input.", examples=["upload:upl_0e3s"])
    expires_at: str
    url: str
    fields: dict[str, str]
