"""What is kept, how long, and what becomes of work that fails."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.stacks.assemblies import STAGES_HERE, resources


def test_tables_keep_what_they_hold(synthesized: Mapping[str, Any]) -> None:
    tables = resources(synthesized["prod"], "AWS::DynamoDB::Table")

    assert len(tables) == 4
    for table in tables.values():
        properties = table["Properties"]
        assert table["DeletionPolicy"] == "Retain"
        assert properties["DeletionProtectionEnabled"] is True
        assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert properties["BillingMode"] == "PAY_PER_REQUEST"
        assert properties["TimeToLiveSpecification"]["AttributeName"] == "ttl"


def test_a_removable_stage_says_so_and_may_go(synthesized: Mapping[str, Any]) -> None:
    for table in resources(synthesized["local"], "AWS::DynamoDB::Table").values():
        assert table["DeletionPolicy"] == "Delete"
        assert table["Properties"]["DeletionProtectionEnabled"] is False


def test_the_ledgers_index_follows_no_balance(synthesized: Mapping[str, Any]) -> None:
    tables = resources(synthesized["prod"], "AWS::DynamoDB::Table")
    (ledger,) = (t for t in tables.values() if t["Properties"]["TableName"].endswith("-ledger"))

    (index,) = ledger["Properties"]["GlobalSecondaryIndexes"]

    assert index["Projection"]["ProjectionType"] == "INCLUDE"
    assert not {"available", "held", "seq"} & set(index["Projection"]["NonKeyAttributes"])


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_the_files_bucket_is_private_and_forgets(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    buckets = resources(synthesized[stage], "AWS::S3::Bucket").values()
    (bucket,) = [each for each in buckets if "LifecycleConfiguration" in each["Properties"]]
    policies = resources(synthesized[stage], "AWS::S3::BucketPolicy").values()

    assert len(policies) == len(buckets)
    assert all(bucket["Properties"]["PublicAccessBlockConfiguration"].values())
    rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    kept = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules}
    assert kept == {"uploads/": 1, "inputs/": 1, "raw/": 1, "results/": 30}
    for policy in policies:
        assert any(
            s["Effect"] == "Deny" and s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for s in policy["Properties"]["PolicyDocument"]["Statement"]
        )


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_work_that_fails_is_kept_and_only_failed_records_come_again(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    mappings = resources(synthesized[stage], "AWS::Lambda::EventSourceMapping")

    assert len(mappings) == 7
    for mapping in mappings.values():
        properties = mapping["Properties"]
        assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        if "StartingPosition" in properties:
            assert properties["BisectBatchOnFunctionError"] is True
            assert properties["MaximumRetryAttempts"] in (10, 10_000)
            assert "OnFailure" in properties["DestinationConfig"]
            (criterion,) = properties["FilterCriteria"]["Filters"]
            assert json.loads(criterion["Pattern"])


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_worked_queues_have_dead_letters_and_hide_messages_long_enough(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    queues = resources(synthesized[stage], "AWS::SQS::Queue").values()

    worked = [q["Properties"] for q in queues if "RedrivePolicy" in q["Properties"]]

    assert len(worked) == 3, "each mapped queue polls and costs; design for at most four"
    for queue in worked:
        assert queue["VisibilityTimeout"] >= 6 * 60
        assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
