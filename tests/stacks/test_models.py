"""Endpoints: asleep at zero, never more than asked, allowed what they do."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from stacks import moderation
from stacks.cards import endpoints
from stacks.config import STAGES
from tests.stacks.assemblies import resources


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


def test_endpoints_wait_until_their_role_may_read_the_weights(
    synthesized: Mapping[str, Any],
) -> None:
    everything = synthesized["everything"]
    policies = {
        name.partition("/")[2]
        for name in resources(everything, "AWS::IAM::Policy")
        if "-models/" in name
    }

    for model in resources(everything, "AWS::SageMaker::Model").values():
        assert policies <= set(model["DependsOn"])


def test_endpoints_pull_only_the_locked_images(synthesized: Mapping[str, Any]) -> None:
    pulled = [
        resource
        for policy in resources(synthesized["everything"], "AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "ecr:BatchGetImage" in statement["Action"]
        for resource in statement["Resource"]
    ]

    assert len(pulled) == 2
    assert "*" not in json.dumps(pulled)


def test_capacity_is_changed_by_awss_own_role(synthesized: Mapping[str, Any]) -> None:
    targets = resources(
        synthesized["everything"], "AWS::ApplicationAutoScaling::ScalableTarget"
    ).values()

    for target in targets:
        assert "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint" in json.dumps(
            target["Properties"]["RoleARN"]
        )


def test_other_detectors_are_another_version_and_the_old_one_stays(
    synthesized: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (version,) = resources(synthesized["prod"], "AWS::Bedrock::GuardrailVersion").values()
    before = moderation.fingerprint()

    monkeypatch.setattr(moderation, "FILTERS", (*moderation.FILTERS, "PROMPT_ATTACK"))

    assert before in version["Properties"]["Description"]
    assert moderation.fingerprint() != before
    assert version["UpdateReplacePolicy"] == "Retain"


def test_functions_are_told_a_model_s_pace_where_it_was_measured() -> None:
    laptop = json.loads(endpoints(STAGES["local"]))
    cloud = json.loads(endpoints(replace(STAGES["dev"], models=("qwen2-5-7b",))))

    assert {facts["concurrency"] for facts in laptop.values()} == {1}
    assert all(facts["typical_s"] >= 1 for facts in laptop.values())
    assert cloud["qwen2-5-7b"]["concurrency"] == 8
    assert "typical_s" not in cloud["qwen2-5-7b"]
