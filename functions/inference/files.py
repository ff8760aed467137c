"""The files bucket. Keys: uploads/{upload}, inputs/{job}, raw/{job}/output, results/{job}/{name}.

`raw/` is where SageMaker writes; it is never linked to. What moderation allows is copied to
`results/`: that copy is the gate.
"""

from botocore.exceptions import ClientError

from functions.inference.settings import settings
from sluice import aws

OUTPUT_NAME = "output"
RESULT_NAME = "result.json"
MAX_FILES_PER_JOB = 100
LINK_TTL_S = 60
_MISSING = {"NoSuchKey", "404", "NotFound"}


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


def find(key: str) -> bytes | None:
    """The object's bytes, or None when there is none."""
    try:
        answer = aws.client("s3").get_object(Bucket=settings().files_bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return None
        raise
    return answer["Body"].read()


def copy(source: str, target: str, content_type: str) -> None:
    bucket = settings().files_bucket
    aws.client("s3").copy_object(
        Bucket=bucket,
        Key=target,
        CopySource={"Bucket": bucket, "Key": source},
        ContentType=content_type,
        MetadataDirective="REPLACE",
    )


def delete(*keys: str) -> None:
    """Delete objects; those that do not exist are no error."""
    for key in keys:
        aws.client("s3").delete_object(Bucket=settings().files_bucket, Key=key)


def delete_job(job_id: str) -> None:
    """Delete everything a job has in S3: its input, raw output and results."""
    client, bucket = aws.client("s3"), settings().files_bucket
    keys = [input_key(job_id)]
    for prefix in (f"raw/{job_id}/", f"results/{job_id}/"):
        listed = client.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=MAX_FILES_PER_JOB)
        keys += [entry["Key"] for entry in listed.get("Contents", [])]
    delete(*keys)


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
