"""The files bucket. Keys: uploads/{upload}, inputs/{job}, raw/{job}/output, results/{job}/{name}.

`raw/` is where SageMaker writes; it is never linked to. What moderation allows is copied to
`results/`: that copy is the gate.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from botocore.exceptions import ClientError

from functions.inference.settings import settings
from sluice import aws
from sluice.errors import Unavailable

OUTPUT_NAME = "output"
RESULT_NAME = "result.json"
"""What a large JSON result is called, before it is marked with its run."""
MAX_FILES_PER_JOB = 100
LINK_TTL_S = 60
MAX_READ_BYTES = 64_000_000
"""More than any model's output; what is larger would exhaust a handler's memory."""
_MISSING = {"NoSuchKey", "404", "NotFound"}
_CHANGED = {"PreconditionFailed", "412"}


class TooLarge(Exception):
    """An object has more bytes than anything of ours."""


@dataclass(frozen=True, slots=True)
class Object:
    """An object as read; `etag` names these very bytes."""

    content: bytes
    etag: str


def upload_key(upload_id: str) -> str:
    return f"uploads/{upload_id}"


def input_key(job_id: str) -> str:
    return f"inputs/{job_id}"


def output_key(job_id: str) -> str:
    """Where SageMaker is told to write: `raw/` + `S3OutputPathExtension` + `Filename`."""
    return f"raw/{job_id}/{OUTPUT_NAME}"


def result_key(job_id: str, name: str) -> str:
    return f"results/{job_id}/{name}"


def location(key: str) -> str:
    return f"s3://{settings().files_bucket}/{key}"


def put(key: str, body: bytes, content_type: str) -> None:
    aws.client("s3").put_object(
        Bucket=settings().files_bucket, Key=key, Body=body, ContentType=content_type
    )


def exists(key: str) -> bool:
    try:
        aws.client("s3").head_object(Bucket=settings().files_bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return False
        raise
    return True


def find(key: str) -> bytes | None:
    """The object's bytes, or None when there is none. Raises TooLarge."""
    found = find_object(key)
    return found.content if found else None


def find_object(key: str) -> Object | None:
    """The object, or None when there is none. Raises TooLarge."""
    try:
        answer = aws.client("s3").get_object(Bucket=settings().files_bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return None
        raise
    if answer.get("ContentLength", 0) > MAX_READ_BYTES:
        raise TooLarge(key)
    return Object(answer["Body"].read(), answer.get("ETag", ""))


def copy(source: str, target: str, content_type: str, etag: str) -> None:
    """Copy the object while it is still the one that `etag` names; otherwise raises Unavailable."""
    bucket = settings().files_bucket
    try:
        aws.client("s3").copy_object(
            Bucket=bucket,
            Key=target,
            CopySource={"Bucket": bucket, "Key": source},
            CopySourceIfMatch=etag,
            ContentType=content_type,
            MetadataDirective="REPLACE",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _CHANGED:
            raise
        raise Unavailable("The output changed while it was looked at; look again.") from None


def list_keys(prefix: str) -> list[str]:
    listed = aws.client("s3").list_objects_v2(
        Bucket=settings().files_bucket, Prefix=prefix, MaxKeys=MAX_FILES_PER_JOB
    )
    return [entry["Key"] for entry in listed.get("Contents", [])]


def delete(keys: Iterable[str]) -> None:
    """Delete objects; those that do not exist are no error."""
    for key in keys:
        aws.client("s3").delete_object(Bucket=settings().files_bucket, Key=key)


def delete_job(job_id: str) -> None:
    """Delete everything a job has in S3: its input, raw output and results."""
    written = (key for folder in ("raw", "results") for key in list_keys(f"{folder}/{job_id}/"))
    delete([input_key(job_id), *written])


def presign(key: str, file_name: str) -> str:
    """A link that reads one object for a minute, whoever holds it."""
    client = aws.client("s3")
    url = client.generate_presigned_url(
        "get_object",
        Params={
            "Bucket": settings().files_bucket,
            "Key": key,
            "ResponseContentDisposition": f'inline; filename="{file_name}"',
        },
        ExpiresIn=LINK_TTL_S,
    )
    return public(url)


def public(url: str) -> str:
    """The URL as clients reach S3; the signature covers path and query, and the host is S3's own
    except where `s3_public_url` says otherwise."""
    base = settings().s3_public_url
    if not base:
        return url
    own = aws.client("s3").meta.endpoint_url
    return url.replace(own, base, 1)
