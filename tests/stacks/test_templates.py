"""What the templates must say, whichever stage they are for."""

import dataclasses
import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from stacks.config import STAGES, get_stage
from tests.stacks.assemblies import STAGES_HERE, functions, resources

FUNCTIONS = {
    "auth-api": ("functions.auth.settings", "Settings"),
    "auth-closer": ("functions.auth.settings", "Settings"),
    "auth-followups": ("functions.auth.settings", "Settings"),
    "auth-outbox": ("functions.auth.settings", "OutboxSettings"),
    "billing-api": ("functions.billing.settings", "Settings"),
    "billing-events": ("functions.billing.settings", "Settings"),
    "content-api": ("functions.content.settings", "Settings"),
    "content-verdicts": ("functions.content.settings", "Settings"),
    "inference-api": ("functions.inference.settings", "Settings"),
    "inference-completed": ("functions.inference.settings", "Settings"),
    "inference-sweeper": ("functions.inference.settings", "Settings"),
    "inference-deliveries": ("functions.inference.settings", "Settings"),
    "inference-attempts": ("functions.inference.settings", "Settings"),
    "inference-due": ("functions.inference.settings", "Settings"),
}
ONLY_BEHIND_AN_EDGE = {"edge-guard": ("functions.edge.settings", "Settings")}
ABSENT_LOCALLY = {
    "AWS::ApiGatewayV2::Authorizer": "it guards the way around the edge, and the front is the one "
    "origin: the emulator's gateway answers to the laptop alone",
    "AWS::ApplicationAutoScaling::ScalableTarget": "the models' host wakes and sleeps by itself",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "the models' host wakes and sleeps by itself",
    "AWS::Bedrock::Guardrail": "the moderation double answers in its place",
    "AWS::Bedrock::GuardrailVersion": "the moderation double answers in its place",
    "AWS::CloudFront::OriginAccessControl": "the front reads the web from the disk",
    "AWS::CloudFront::ResponseHeadersPolicy": "the front sends the same headers itself",
    "AWS::CloudFront::Distribution": "the front is the one origin",
    "AWS::CloudFront::Function": "without an edge the gateway itself sees who asks",
    "AWS::SageMaker::Endpoint": "the models' host answers in its place",
    "AWS::SageMaker::EndpointConfig": "the models' host answers in its place",
    "AWS::SageMaker::Model": "the models' host answers in its place",
}


def handlers(stage: str) -> dict[str, tuple[str, str]]:
    """Function → the module and class of its settings."""
    return FUNCTIONS if stage == "local" else FUNCTIONS | ONLY_BEHIND_AN_EDGE


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_every_handler_is_deployed_and_can_be_imported(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    deployed = functions(synthesized[stage])

    assert deployed.keys() == handlers(stage).keys()
    for properties in deployed.values():
        module, _, attribute = properties["Handler"].rpartition(".")
        assert Path(*module.split(".")).with_suffix(".py").is_file(), module
        assert attribute == "handler"


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_every_function_gets_the_variables_that_its_settings_read(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    for name, properties in functions(synthesized[stage]).items():
        module, settings = handlers(stage)[name]
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
def test_logs_are_kept_as_long_as_the_stage_says(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    groups = resources(synthesized[stage], "AWS::Logs::LogGroup")

    endpoints = resources(synthesized[stage], "AWS::SageMaker::Endpoint")
    assert len(groups) == len(handlers(stage)) + len(endpoints) + 1, "the gateway's own is the last"
    for group in groups.values():
        assert group["Properties"]["RetentionInDays"] in (7, 30, 90)


def test_what_is_absent_locally_is_listed_with_its_reason(synthesized: Mapping[str, Any]) -> None:
    kinds = {
        stage: {resource["Type"] for resource in resources(synthesized[stage]).values()}
        for stage in ("local", "everything")
    }

    assert kinds["everything"] - kinds["local"] == ABSENT_LOCALLY.keys()


def test_only_the_laptop_takes_addresses_of_a_laptop() -> None:
    import aws_cdk as cdk

    providers = {"google": "http://localhost:1", "github": "http://localhost:2"}
    addresses = json.dumps(
        {"publicUrl": "x", "s3PublicUrl": "x", "providers": providers, "environment": {}}
    )

    with pytest.raises(ValueError, match="local stages only"):
        get_stage(cdk.App(context={"stage": "dev", "local": addresses}))
    assert get_stage(cdk.App(context={"local": addresses})).public_url == "x"


def test_an_unknown_stage_is_named() -> None:
    import aws_cdk as cdk

    with pytest.raises(ValueError, match=r"no stage 'nowhere'.*dev"):
        get_stage(cdk.App(context={"stage": "nowhere"}))
    assert "local" in STAGES
