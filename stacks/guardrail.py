"""The guardrail's id and version for functions: the stage's own, or what `moderation.py` kept."""

from aws_cdk import aws_ssm as ssm
from constructs import Construct

from stacks.config import Stage


def guardrail(scope: Construct, stage: Stage) -> tuple[str, str]:
    if stage.guardrail is not None:
        return stage.guardrail
    parts = ("guardrail/id", "guardrail/version")
    names = [stage.parameter(part) for part in parts]
    first, second = (ssm.StringParameter.value_for_string_parameter(scope, name) for name in names)
    return first, second
