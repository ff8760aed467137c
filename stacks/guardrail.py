"""The guardrail's id and version for functions: the stage's own, or what `moderation.py` kept."""

from aws_cdk import aws_ssm as ssm
from constructs import Construct

from stacks.config import Stage


def guardrail_id(scope: Construct, stage: Stage) -> str:
    return stage.guardrail[0] if stage.guardrail else _kept(scope, stage, "id")


def guardrail_version(scope: Construct, stage: Stage) -> str:
    return stage.guardrail[1] if stage.guardrail else _kept(scope, stage, "version")


def _kept(scope: Construct, stage: Stage, part: str) -> str:
    name = stage.parameter(f"guardrail/{part}")
    return ssm.StringParameter.value_for_string_parameter(scope, name)
