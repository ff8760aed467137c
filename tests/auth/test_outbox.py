"""What the accounts table announces reaches the stage's topic."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.auth.outbox import handler
from sluice import aws as product_aws
from tests import events
from tests.auth.conftest import Person, become_user
from tests.stage import Stage


def announced(aws: Stage) -> list[dict[str, Any]]:
    return [item for item in aws.scan("accounts") if item["pk"].startswith("EVENT#")]


def record_of(aws: Stage, item: dict[str, Any], sequence: int = 1) -> dict[str, Any]:
    keys = {"pk": item["pk"], "sk": item["sk"]}
    return events.stream(aws.table("accounts"), "INSERT", keys, new=item, sequence=sequence)


def received(aws: Stage) -> list[dict[str, Any]]:
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{aws.prefix}-billing-events")["QueueUrl"]
    answer = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return list(answer.get("Messages", []))


def test_a_verified_user_is_published_with_its_type_to_filter_by(ada: Person, aws: Stage) -> None:
    become_user(ada)
    [item] = announced(aws)

    answer = handler(record_of(aws, item), events.Context())  # type: ignore[arg-type]  # as Lambda's

    assert answer == {"batchItemFailures": []}
    [message] = received(aws)
    assert message["MessageAttributes"]["type"]["StringValue"] == "user.verified"
    event = json.loads(message["Body"])
    assert event == {name: item[name] for name in ("id", "type", "at_ms", "data")}
    assert set(event["data"]) == {"user", "account", "person"}


def test_what_could_not_be_published_is_named_and_the_rest_is_not_repeated(
    ada: Person, aws: Stage
) -> None:
    for person in (ada, Person("bob@example.com")):
        become_user(person)
    records = [record_of(aws, item, n)["Records"][0] for n, item in enumerate(announced(aws), 1)]
    fail_on(records[1]["dynamodb"]["NewImage"]["id"]["S"])

    answer = handler({"Records": records}, events.Context())  # type: ignore[arg-type]  # as Lambda's

    sequence = records[1]["dynamodb"]["SequenceNumber"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": sequence}]}
    assert len(received(aws)) == 1


def fail_on(event: str) -> None:
    """SNS refuses this one event."""

    def refuse(params: dict[str, Any], **_: Any) -> None:
        if event in str(params["body"]):
            raise ClientError({"Error": {"Code": "InternalError", "Message": ""}}, "Publish")

    product_aws.client("sns").meta.events.register("before-call.sns.Publish", refuse)


def test_a_stream_of_nothing_but_failures_fails_visibly(ada: Person, aws: Stage) -> None:
    become_user(ada)
    [item] = announced(aws)
    fail_on(item["id"])

    with pytest.raises(Exception, match="All records failed processing"):
        handler(record_of(aws, item), events.Context())  # type: ignore[arg-type]  # as Lambda's
