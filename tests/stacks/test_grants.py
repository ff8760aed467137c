"""What functions may do: no more than what they do."""

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.stacks.assemblies import IN_THE_CLOUD, STAGES_HERE, as_list, statements


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_no_action_is_a_wildcard_and_every_open_resource_is_known(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    open_actions = {
        "ecr:GetAuthorizationToken",
        "cloudwatch:PutMetricData",
        "dynamodb:ListStreams",
        "rekognition:DetectModerationLabels",
        "ses:SendEmail",
    }

    for name, statement in statements(synthesized[stage]):
        actions = as_list(statement["Action"])
        assert not [action for action in actions if "*" in action], name
        if "*" in as_list(statement["Resource"]):
            assert set(actions) <= open_actions, name


def test_mail_is_sent_only_as_the_stage_itself(synthesized: Mapping[str, Any]) -> None:
    for _, statement in statements(synthesized["prod"]):
        if "ses:SendEmail" in as_list(statement["Action"]):
            assert all("identity/" in json.dumps(r) for r in as_list(statement["Resource"]))


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_nobody_deletes_from_the_ledger_and_inference_touches_only_buckets(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    for name, statement in statements(synthesized[stage]):
        if "-ledger" not in json.dumps(statement["Resource"]):
            continue
        actions = set(as_list(statement["Action"]))
        assert "dynamodb:DeleteItem" not in actions, name
        if "inference" in name and actions & {"dynamodb:PutItem", "dynamodb:UpdateItem"}:
            keys = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            assert keys == ["BAL#*", "GRANT#*", "CAP#*"]
            # "For all" is true of a request that names no key; the emulator names none, ever.
            named = statement["Condition"].get("Null", {}).get("dynamodb:LeadingKeys")
            assert named == (None if stage == "local" else "false")


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_nobody_changes_or_deletes_what_the_audit_log_says(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    seen = set()
    for name, statement in statements(synthesized[stage]):
        changes = {"dynamodb:UpdateItem", "dynamodb:DeleteItem"} & set(as_list(statement["Action"]))
        if not changes or "-accounts" not in json.dumps(statement["Resource"]):
            continue
        seen |= changes
        keys = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        assert keys, name
        assert not [key for key in keys if fnmatchcase("AUDIT#acc_1", key)], name
        named = statement["Condition"].get("Null", {}).get("dynamodb:LeadingKeys")
        assert named == (None if stage == "local" else "false")

    assert seen == {"dynamodb:UpdateItem", "dynamodb:DeleteItem"}


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_raw_outputs_are_never_writable_by_functions(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    for name, statement in statements(synthesized[stage]):
        if "files/raw/*" in json.dumps(statement["Resource"]) and "models" not in name:
            assert "s3:PutObject" not in as_list(statement["Action"]), name


READ = {"GetItem", "Query", "BatchGetItem"}
WRITE = {"PutItem", "UpdateItem"}
QUEUES = READ | WRITE | {"DeleteItem"}
"""Who ends a job sends the next, and takes its place from the queue."""
TABLES = {
    "auth-api": {"accounts": READ | WRITE | {"DeleteItem", "ConditionCheckItem"}},
    "auth-closer": {"accounts": READ | WRITE | {"DeleteItem"}},
    "auth-outbox": {},
    "auth-followups": {"accounts": {"GetItem", "Query", "ConditionCheckItem"} | WRITE},
    "billing-api": {"accounts": {"GetItem"}, "ledger": READ},
    "billing-events": {"ledger": {"GetItem"} | WRITE},
    "content-api": {"accounts": {"GetItem"}, "content": READ},
    "content-verdicts": {"content": {"PutItem"}},
    "edge-guard": {},
    "inference-api": {"accounts": {"GetItem"}, "ledger": READ | WRITE, "jobs": QUEUES},
    "inference-completed": {"ledger": WRITE, "jobs": QUEUES},
    "inference-sweeper": {"ledger": READ | WRITE, "jobs": QUEUES},
    "inference-deliveries": {"jobs": {"GetItem"} | WRITE},
    "inference-attempts": {"accounts": {"GetItem"}, "jobs": READ | WRITE},
    "inference-due": {"jobs": {"Query"}},
}
"""What each function does to whose items."""
SECRETS = {
    "auth-api": {"root"},
    "billing-api": {"root"},
    "content-api": {"root"},
    "inference-api": {"root"},
    "inference-attempts": {"root"},
    "edge-guard": {"origin"},
}
ITEMS = re.compile(r"table/sluice-[a-z]+-([a-z]+)(?:/index/gsi1)?$")
SECRET = re.compile(r":secret:sluice-[a-z]+-([a-z]+)-\?{6}$")


def allowed(assembly: Any, function: str) -> Iterator[tuple[str, str]]:
    """Every action and resource of the function's role, resources as far as a template knows."""
    for stack in assembly.stacks:
        parts = stack.template.get("Resources", {}).values()
        (role,) = [
            part["Properties"]["Role"]["Fn::GetAtt"][0]
            for part in parts
            if part["Type"] == "AWS::Lambda::Function"
            and part["Properties"].get("FunctionName", "").endswith(function)
        ] or [None]
        for part in parts:
            if part["Type"] == "AWS::IAM::Policy" and {"Ref": role} in part["Properties"]["Roles"]:
                for statement in part["Properties"]["PolicyDocument"]["Statement"]:
                    for action in as_list(statement["Action"]):
                        for resource in as_list(statement["Resource"]):
                            yield action, _text(resource)


def _text(resource: Any) -> str:
    if isinstance(resource, str):
        return resource
    joined = resource.get("Fn::Join", ["", [str(resource)]])[1]
    return "".join(part if isinstance(part, str) else "?" for part in joined)


@pytest.mark.parametrize("function", TABLES)
def test_functions_touch_only_the_items_that_they_must(
    synthesized: Mapping[str, Any], function: str
) -> None:
    touched: dict[str, set[str]] = {}

    for action, resource in allowed(synthesized["prod"], function):
        if found := ITEMS.search(resource):
            touched.setdefault(found[1], set()).add(action.removeprefix("dynamodb:"))

    assert touched == TABLES[function]


@pytest.mark.parametrize("function", TABLES)
def test_only_doors_and_who_signs_know_a_secret(
    synthesized: Mapping[str, Any], function: str
) -> None:
    granted = allowed(synthesized["prod"], function)

    known = {found[1] for _, resource in granted if (found := SECRET.search(resource))}

    assert known == SECRETS.get(function, set())


@pytest.mark.parametrize("function", ["inference-api", "inference-completed", "inference-sweeper"])
def test_a_missing_file_is_missing_and_not_forbidden(
    synthesized: Mapping[str, Any], function: str
) -> None:
    """S3 says 404 to those who may list the whole bucket, and 403 to all others."""
    lists = [
        statement
        for name, statement in statements(synthesized["prod"])
        if function.partition("-")[2].title() in name and "s3:ListBucket" in statement["Action"]
    ]

    assert lists
    assert not any("Condition" in statement for statement in lists)


@pytest.mark.parametrize("stage", IN_THE_CLOUD)
def test_only_the_stages_own_guardrail_is_applied(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    for name, statement in statements(synthesized[stage]):
        if "bedrock:ApplyGuardrail" in as_list(statement["Action"]):
            assert "guardrail/*" not in json.dumps(statement["Resource"]), name
