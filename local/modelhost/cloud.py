"""The emulator's S3 and SNS as an endpoint uses them: payloads in, results out, notices."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

MAX_INPUT_BYTES = 1_000_000_000
_CONFIG = Config(
    connect_timeout=2,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 4},
    s3={"addressing_style": "path"},
    max_pool_connections=20,
)


class PayloadTooLargeError(Exception):
    """The input object is over what SageMaker takes."""


@dataclass(frozen=True, slots=True)
class Output:
    """An object to be written: a result or a failure."""

    location: str
    body: bytes
    content_type: str


class Cloud:
    """S3 and SNS behind `endpoint_url`; credentials and region come from the environment."""

    def __init__(self, endpoint_url: str | None, region: str) -> None:
        session = boto3.Session(region_name=region)
        self._s3 = session.client("s3", endpoint_url=endpoint_url, config=_CONFIG)
        self._sns = session.client("sns", endpoint_url=endpoint_url, config=_CONFIG)

    async def read(self, location: str) -> bytes:
        return await asyncio.to_thread(self._read, location)

    async def write(self, output: Output) -> None:
        bucket, key = split(output.location)
        await asyncio.to_thread(
            self._s3.put_object,
            Bucket=bucket,
            Key=key,
            Body=output.body,
            ContentType=output.content_type,
        )

    async def publish(self, topic: str, message: str) -> None:
        await asyncio.to_thread(self._sns.publish, TopicArn=topic, Message=message)

    def _read(self, location: str) -> bytes:
        bucket, key = split(location)
        answer = self._s3.get_object(Bucket=bucket, Key=key)
        if answer["ContentLength"] > MAX_INPUT_BYTES:
            raise PayloadTooLargeError(location)
        return answer["Body"].read()


def split(location: str) -> tuple[str, str]:
    """Bucket and key of an `s3://bucket/key` address."""
    address = urlsplit(location)
    return address.netloc, address.path.lstrip("/")
