"""The doctor, against AWS's answers in their real shapes; botocore checks each by its model."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from ops.account import QUESTIONS, Finding, Needs
from ops.doctor import NO_CREDENTIALS, examine, table
from ops.needs import needs_of
from stacks.config import STAGES

REGION = "us-east-1"
NEEDS = Needs(
    stage="dev",
    region=REGION,
    instances={"ml.g6.xlarge": 2},
    mail_from="hello@mail.example.com",
    domain="ai.example.com",
)
IDENTITY = {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/ann", "UserId": "A"}
READY: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "sts": [("get_caller_identity", IDENTITY)],
    "ssm": [("get_parameter", {"Parameter": {"Name": "v", "Value": "30"}})],
    "lambda": [("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": 1000}})],
    "service-quotas": [
        (
            "list_service_quotas",
            {"Quotas": [{"QuotaName": "ml.g6.xlarge for endpoint usage", "Value": 4.0}]},
        )
    ],
    "sesv2": [
        ("get_account", {"ProductionAccessEnabled": True, "SendingEnabled": True}),
        (
            "list_email_identities",
            {"EmailIdentities": [{"IdentityName": "mail.example.com", "SendingEnabled": True}]},
        ),
    ],
    "bedrock": [("list_guardrails", {"guardrails": []})],
    "dynamodb": [("query", {"Items": [{"pk": {"S": "OPERATORS"}}]})],
    "acm": [("list_certificates", {"CertificateSummaryList": [{"DomainName": "ai.example.com"}]})],
}


class Account:
    """An AWS account that gives prepared answers; `answers` replaces those of a ready one."""

    def __init__(self, **answers: Any) -> None:
        self._session = boto3.Session("AKEY", "secret", region_name=REGION)
        self._answers = READY | answers

    def client(self, service: str, region_name: str) -> Any:
        client = self._session.client(cast("Any", service), region_name=region_name)
        stubber = Stubber(client)
        for operation, answer in self._answers[service]:
            if isinstance(answer, str):
                stubber.add_client_error(operation, answer)
            else:
                stubber.add_response(operation, answer)
        stubber.activate()
        return client

    def get_available_regions(self, service: str) -> list[str]:
        return self._session.get_available_regions(service)


def lacking(account: Account, needs: Needs = NEEDS) -> Iterator[Finding]:
    return (
        found for found in examine(cast("boto3.Session", account), needs) if found.state != "ok"
    )


def test_a_ready_account_lacks_nothing() -> None:
    assert list(lacking(Account())) == []


def test_without_credentials_one_sentence_says_so_and_nothing_else_is_asked() -> None:
    account = Account(sts=[("get_caller_identity", "InvalidClientTokenId")])

    findings = examine(cast("boto3.Session", account), NEEDS)

    assert [(found.what, found.remedy) for found in findings] == [("credentials", NO_CREDENTIALS)]


@pytest.mark.parametrize(
    ("service", "answers", "what"),
    [
        ("ssm", [("get_parameter", "ParameterNotFound")], "CDK bootstrap"),
        ("ssm", [("get_parameter", {"Parameter": {"Value": "6"}})], "CDK bootstrap"),
        (
            "lambda",
            [("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": 10}})],
            "Lambda concurrency",
        ),
        ("service-quotas", [("list_service_quotas", {"Quotas": []})], "SageMaker quota"),
        (
            "sesv2",
            [
                ("get_account", {"ProductionAccessEnabled": False, "SendingEnabled": True}),
                READY["sesv2"][1],
            ],
            "mail sandbox",
        ),
        (
            "sesv2",
            [READY["sesv2"][0], ("list_email_identities", {"EmailIdentities": []})],
            "mail sender",
        ),
        ("acm", [("list_certificates", {"CertificateSummaryList": []})], "certificate"),
        ("dynamodb", [("query", {"Items": []})], "first operator"),
        ("dynamodb", [("query", "ResourceNotFoundException")], "first operator"),
    ],
)
def test_what_is_missing_is_named_with_its_remedy(
    service: str, answers: list[tuple[str, Any]], what: str
) -> None:
    missing = list(lacking(Account(**{service: answers})))

    assert [(found.what, found.state) for found in missing] == [(what, "missing")]
    assert missing[0].remedy


def test_a_region_without_the_moderation_services_is_named() -> None:
    needs = Needs(stage="dev", region="mx-central-1")

    missing = list(lacking(Account(), needs))

    assert "moderation" in {found.what for found in missing}


def test_a_question_that_aws_refuses_is_unknown_and_the_others_are_still_asked() -> None:
    refused = {
        service: [(operation, "AccessDeniedException") for operation, _ in READY[service]]
        for service in READY
        if service != "sts"
    }

    findings = list(lacking(Account(**refused)))

    assert [found.what for found in findings] == [
        question.__name__.replace("_", " ") for question in QUESTIONS
    ]
    assert {found.state for found in findings} == {"unknown"}


def test_the_table_shows_the_remedy_beside_what_it_mends() -> None:
    shown = table([Finding("ok", "one", "fine"), Finding("missing", "two", "none", "get two")])

    assert shown.splitlines()[1].split() == ["MISSING", "two", "none"]
    assert shown.splitlines()[2].split() == ["->", "get", "two"]
    assert shown.endswith("1 to mend")


def test_a_stage_asks_for_every_instance_that_its_models_may_use() -> None:
    stage = replace(STAGES["dev"], models=("qwen2-5-7b", "bge-m3", "span-x4"))

    assert needs_of(stage).instances == {"ml.g6.xlarge": 4, "ml.c7i.xlarge": 2}


def test_the_local_stage_needs_no_account() -> None:
    with pytest.raises(ValueError, match="make up"):
        needs_of(STAGES["local"])
