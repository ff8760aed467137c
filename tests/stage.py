"""A stage for tests: the names that `stacks/` would give, the environment that functions would get,
and the same tables, bucket, topics, queues and secret, made in moto or in the emulator."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from stacks import policies

REGION = "eu-west-1"
ACCOUNT = "123456789012"
ROOT_SECRET = "a-root-secret-of-exactly-sixty-four-characters-for-tests-only-00"
PUBLIC_URL = "http://localhost:8400"
MAIL_FROM = "Sluice <no-reply@sluice.test>"
FREE_GRANT_NANOS = 100_000_000
TABLES = ("accounts", "ledger", "content", "jobs")
TOPICS = ("inference-succeeded", "inference-failed", "events")
QUEUES = (
    *("completed", "completed-dlq", "billing-events", "billing-events-dlq"),
    *("webhooks", "webhooks-dlq"),
)
SERVED = (
    *("smollm2-135m", "e5-small", "span-x4"),
    *("style-lite", "whisper-tiny-en", "joe-piper"),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage's names; `prefix` is unique where stages share an emulator. `endpoint` is the
    emulator's address, or None for moto."""

    prefix: str = "sluice-test"
    endpoint: str | None = None

    def table(self, owner: str) -> str:
        return f"{self.prefix}-{owner}"

    def topic_arn(self, name: str) -> str:
        return f"arn:aws:sns:{REGION}:{ACCOUNT}:{self.prefix}-{name}"

    def queue_url(self, name: str) -> str:
        return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{self.prefix}-{name}"

    @property
    def bucket(self) -> str:
        return f"{self.prefix}-{ACCOUNT}-files"

    def environment(self) -> dict[str, str]:
        """All services' variables together: each reads the ones it declares."""
        endpoints = {
            model: {"endpoint": f"{self.prefix}-{model}", "wake_s": 5, "timeout_s": 60}
            for model in SERVED
        }
        variables = {f"{owner.upper()}_TABLE": self.table(owner) for owner in TABLES} | {
            "STAGE": "test",
            "LOG_LEVEL": "INFO",
            "ROOT_SECRET_ID": f"{self.prefix}-root",
            "PUBLIC_URL": PUBLIC_URL,
            "MAIL_FROM": MAIL_FROM,
            "EVENTS_TOPIC_ARN": self.topic_arn("events"),
            "FREE_GRANT_NANOS": str(FREE_GRANT_NANOS),
            "FREE_GRANT_DAYS": "30",
            "FILES_BUCKET": self.bucket,
            "ENDPOINTS": json.dumps(endpoints),
            "GUARDRAIL_ID": "sluicelocal",
            "GUARDRAIL_VERSION": "1",
            "JOB_RETENTION_DAYS": "30",
            "S3_PUBLIC_URL": "",
            "DOCUMENTS": json.dumps(policies.versions()),
            "WEBHOOKS_QUEUE_URL": self.queue_url("webhooks"),
        }
        return variables | ({"AWS_ENDPOINT_URL": self.endpoint} if self.endpoint else {})

    def client(self, service: str) -> Any:
        """A client of the test's own, to prepare and to look; product code uses sluice.aws."""
        return _client(service, self.endpoint)

    def scan(self, owner: str) -> list[dict[str, Any]]:
        """All items of a table as plain dicts, for predicates over everything."""
        from sluice.table import decode

        pages = self.client("dynamodb").get_paginator("scan")
        return [
            decode(item)
            for page in pages.paginate(TableName=self.table(owner), ConsistentRead=True)
            for item in page["Items"]
        ]


@cache
def _client(service: str, endpoint: str | None) -> Any:
    """Of a session of its own, unseen by what tests put under product code."""
    make: Any = boto3.Session().client  # typed by literals, and this takes any service
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=80)
    return make(service, region_name=REGION, endpoint_url=endpoint, config=config)


def create_tables(stage: Stage, owners: tuple[str, ...] = TABLES) -> None:
    database = stage.client("dynamodb")
    for owner in owners:
        database.create_table(TableName=stage.table(owner), **schema())


def schema() -> dict[str, Any]:
    """The key schema that all tables share. Projections stay ALL here: what an index lacks is the
    business of the template's test."""
    keys = ("pk", "sk", "gsi1pk", "gsi1sk")
    return {
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
        "KeySchema": _key("pk", "sk"),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "gsi1",
                "KeySchema": _key("gsi1pk", "gsi1sk"),
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }


def _key(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


def create_secret(stage: Stage) -> None:
    stage.client("secretsmanager").create_secret(
        Name=f"{stage.prefix}-root", SecretString=ROOT_SECRET
    )


def create_everything_else(stage: Stage) -> None:
    """Bucket, topics, queues with raw subscriptions, mail identity and the root secret."""
    create_secret(stage)
    stage.client("s3").create_bucket(
        Bucket=stage.bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    stage.client("sesv2").create_email_identity(EmailIdentity="no-reply@sluice.test")
    topics, queues = stage.client("sns"), stage.client("sqs")
    for topic in TOPICS:
        topics.create_topic(Name=f"{stage.prefix}-{topic}")
    for queue in QUEUES:
        queues.create_queue(QueueName=f"{stage.prefix}-{queue}")
    for topic, queue in (
        ("inference-succeeded", "completed"),
        ("inference-failed", "completed"),
        ("events", "billing-events"),
    ):
        topics.subscribe(
            TopicArn=stage.topic_arn(topic),
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{stage.prefix}-{queue}",
            Attributes={"RawMessageDelivery": "true"},
        )
