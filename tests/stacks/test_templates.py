"""What the templates must say, whichever stage they are for."""

import dataclasses
import importlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stacks.config import STAGES, get_stage
from tests.stacks.assemblies import resources

FUNCTIONS = {
    "auth-api": ("functions.auth.settings", "Settings"),
    "auth-outbox": ("functions.auth.settings", "OutboxSettings"),
    "billing-api": ("functions.billing.settings", "Settings"),
    "billing-events": ("functions.billing.settings", "Settings"),
    "content-api": ("functions.content.settings", "Settings"),
    "content-verdicts": ("functions.content.settings", "Settings"),
    "inference-api": ("functions.inference.settings", "Settings"),
    "inference-completed": ("functions.inference.settings", "Settings"),
    "inference-sweeper": ("functions.inference.settings", "Settings"),
}
ABSENT_LOCALLY = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "the models' host wakes and sleeps by itself",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "the models' host wakes and sleeps by itself",
    "AWS::Bedrock::Guardrail": "the moderation double answers in its place",
    "AWS::Bedrock::GuardrailVersion": "the moderation double answers in its place",
    "AWS::CloudFront::Distribution": "the front is the one origin",
    "AWS::SageMaker::Endpoint": "the models' host answers in its place",
    "AWS::SageMaker::EndpointConfig": "the models' host answers in its place",
    "AWS::SageMaker::Model": "the models' host answers in its place",
}
STAGES_HERE = ("local", "prod", "everything")


def functions(assembly: Any) -> dict[str, dict[str, Any]]:
    """`auth-api` → its properties."""
    prefix = re.compile(r"^sluice-[a-z]+-")
    return {
        prefix.sub("", resource["Properties"]["FunctionName"]): resource["Properties"]
        for resource in resources(assembly, "AWS::Lambda::Function").values()
        if "FunctionName" in resource["Properties"]
    }


def statements(assembly: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, policy in resources(assembly, "AWS::IAM::Policy").items():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            yield name, statement


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_every_handler_is_deployed_and_can_be_imported(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    deployed = functions(synthesized[stage])

    assert deployed.keys() == FUNCTIONS.keys()
    for properties in deployed.values():
        module, _, attribute = properties["Handler"].rpartition(".")
        assert Path(*module.split(".")).with_suffix(".py").is_file(), module
        assert attribute == "handler"


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_every_function_gets_the_variables_that_its_settings_read(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    for name, properties in functions(synthesized[stage]).items():
        module, settings = FUNCTIONS[name]
        fields = dataclasses.fields(getattr(importlib.import_module(module), settings))

        given = properties["Environment"]["Variables"].keys()

        wanted = {field.name.upper() for field in fields}
        assert wanted <= given, f"{name} lacks {wanted - given}"
        assert {"STAGE", "LOG_LEVEL", "POWERTOOLS_SERVICE_NAME"} <= given


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_functions_with_a_door_know_what_the_principal_needs(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    from sluice.principal import PrincipalSettings

    wanted = {field.name.upper() for field in dataclasses.fields(PrincipalSettings)}

    for name, properties in functions(synthesized[stage]).items():
        if name.endswith("-api"):
            assert wanted <= properties["Environment"]["Variables"].keys(), name


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_no_stack_exports_or_imports(synthesized: Mapping[str, Any], stage: str) -> None:
    for stack in synthesized[stage].stacks:
        outputs = stack.template.get("Outputs", {})

        assert not [name for name, output in outputs.items() if "Export" in output]
        assert "Fn::ImportValue" not in json.dumps(stack.template)


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_no_action_is_a_wildcard_and_every_open_resource_is_known(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    open_actions = {
        "ecr:GetAuthorizationToken",
        "cloudwatch:PutMetricData",
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
            assert keys == ["BAL#*", "GRANT#*"]


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_raw_outputs_are_never_writable_by_functions(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    for name, statement in statements(synthesized[stage]):
        if "files/raw/*" in json.dumps(statement["Resource"]) and "models" not in name:
            assert "s3:PutObject" not in as_list(statement["Action"]), name


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
    (bucket,) = resources(synthesized[stage], "AWS::S3::Bucket").values()
    (policy,) = resources(synthesized[stage], "AWS::S3::BucketPolicy").values()

    assert all(bucket["Properties"]["PublicAccessBlockConfiguration"].values())
    rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    kept = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules}
    assert kept == {"uploads/": 1, "inputs/": 1, "raw/": 1, "results/": 30}
    denials = policy["Properties"]["PolicyDocument"]["Statement"]
    assert any(
        s["Effect"] == "Deny" and s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for s in denials
    )


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_work_that_fails_is_kept_and_only_failed_records_come_again(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    mappings = resources(synthesized[stage], "AWS::Lambda::EventSourceMapping")

    assert len(mappings) == 4
    for mapping in mappings.values():
        properties = mapping["Properties"]
        assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        if "StartingPosition" in properties:
            assert properties["BisectBatchOnFunctionError"] is True
            assert properties["MaximumRetryAttempts"] == 10
            assert "OnFailure" in properties["DestinationConfig"]
            (criterion,) = properties["FilterCriteria"]["Filters"]
            assert json.loads(criterion["Pattern"])


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_worked_queues_have_dead_letters_and_hide_messages_long_enough(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    queues = resources(synthesized[stage], "AWS::SQS::Queue").values()

    worked = [q["Properties"] for q in queues if "RedrivePolicy" in q["Properties"]]

    assert len(worked) == 2, "each mapped queue polls and costs; design for at most four"
    for queue in worked:
        assert queue["VisibilityTimeout"] >= 6 * 60
        assert queue["RedrivePolicy"]["maxReceiveCount"] == 5


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_logs_are_kept_as_long_as_the_stage_says(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    groups = resources(synthesized[stage], "AWS::Logs::LogGroup")

    assert len(groups) == len(FUNCTIONS) + 1
    for group in groups.values():
        assert group["Properties"]["RetentionInDays"] in (7, 30, 90)


def test_models_sleep_at_zero_wake_at_the_first_request_and_never_more_than_asked(
    synthesized: Mapping[str, Any],
) -> None:
    everything = synthesized["everything"]
    targets = resources(everything, "AWS::ApplicationAutoScaling::ScalableTarget").values()
    policies = resources(everything, "AWS::ApplicationAutoScaling::ScalingPolicy").values()
    configs = resources(everything, "AWS::SageMaker::EndpointConfig").values()

    assert [t["Properties"]["MinCapacity"] for t in targets] == [0, 0, 0]
    steps = [p for p in policies if p["Properties"]["PolicyType"] == "StepScaling"]
    tracking = [p for p in policies if p["Properties"]["PolicyType"] == "TargetTrackingScaling"]
    assert len(steps) == len(tracking) == 3
    for policy in tracking:
        facts = policy["Properties"]["TargetTrackingScalingPolicyConfiguration"]
        assert facts["CustomizedMetricSpecification"]["MetricName"] == (
            "ApproximateBacklogSizePerInstance"
        )
        assert facts["ScaleInCooldown"] <= 600
    for policy in steps:
        (step,) = policy["Properties"]["StepScalingPolicyConfiguration"]["StepAdjustments"]
        assert step["ScalingAdjustment"] == 1
    for configured in configs:
        assert "AsyncInferenceConfig" in configured["Properties"]


def test_no_model_is_switched_on_by_default(synthesized: Mapping[str, Any]) -> None:
    assert not resources(synthesized["prod"], "AWS::SageMaker::Endpoint")


def test_images_are_put_together_from_the_lock(synthesized: Mapping[str, Any]) -> None:
    models = resources(synthesized["everything"], "AWS::SageMaker::Model").values()

    images = {m["Properties"]["PrimaryContainer"]["Image"] for m in models}

    assert all(".dkr.ecr.us-east-1." in image for image in images)


def test_what_is_absent_locally_is_listed_with_its_reason(synthesized: Mapping[str, Any]) -> None:
    kinds = {
        stage: {resource["Type"] for resource in resources(synthesized[stage]).values()}
        for stage in ("local", "everything")
    }

    assert kinds["everything"] - kinds["local"] == ABSENT_LOCALLY.keys()


def test_assets_hold_a_service_and_nothing_else(synthesized: Mapping[str, Any]) -> None:
    assembly = synthesized["local"]
    for name, properties in functions(assembly).items():
        service = name.partition("-")[0]
        key = properties["Code"]["S3Key"].removesuffix(".zip")
        folder = Path(assembly.directory, f"asset.{key}")

        files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}

        assert f"functions/{service}/api.py" in files
        assert "models/catalog.json" in files
        strangers = {
            f
            for f in files
            if not f.startswith(f"functions/{service}/")
            and f not in ("functions/__init__.py", "models/catalog.json")
        }
        assert not strangers, name


def test_the_layer_of_shared_code_holds_it_where_lambda_looks(
    synthesized: Mapping[str, Any],
) -> None:
    assembly = synthesized["local"]
    layers = resources(assembly, "AWS::Lambda::LayerVersion").values()

    keys = {layer["Properties"]["Content"]["S3Key"].removesuffix(".zip") for layer in layers}

    folders = [Path(assembly.directory, f"asset.{key}") for key in keys]
    assert any((folder / "python" / "sluice" / "ledger.py").is_file() for folder in folders)
    assert any((folder / "python" / "fastapi").is_dir() for folder in folders)


def test_only_the_laptop_takes_addresses_of_a_laptop() -> None:
    import aws_cdk as cdk

    addresses = json.dumps({"publicUrl": "x", "s3PublicUrl": "x", "environment": {}})

    with pytest.raises(ValueError, match="local stages only"):
        get_stage(cdk.App(context={"stage": "dev", "local": addresses}))
    assert get_stage(cdk.App(context={"local": addresses})).public_url == "x"


def test_an_unknown_stage_is_named() -> None:
    import aws_cdk as cdk

    with pytest.raises(ValueError, match=r"no stage 'nowhere'.*dev"):
        get_stage(cdk.App(context={"stage": "nowhere"}))
    assert "local" in STAGES
