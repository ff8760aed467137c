"""One Lambda function: its code, environment, role and log group, side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.config import Stage
from stacks.constructs.layers import architecture
from stacks.grants import Grant
from stacks.nag import accept

ROOT: Final = Path(__file__).parent.parent.parent
MEMORY_MB: Final = 512
_NEWEST: Final = "Layers, tests and emulator run 3.13; a newer runtime comes with all of them."
_ACCEPTED: Final = {
    "AwsSolutions-L1": _NEWEST,
    "Serverless-LambdaLatestVersion": _NEWEST,
    "Serverless-LambdaDLQ": "Nobody invokes it asynchronously: queues, streams and the schedule "
    "have their own dead letters or their own next time.",
    "Serverless-LambdaTracing": "Structured logs carry request, account and job ids; traces would "
    "cost more than the requests they tell about.",
}


class ServiceFunction(Construct):
    """`functions.{service}.{handler}.handler`, allowed exactly `grants` and its own logs."""

    def __init__(
        self,
        scope: Construct,
        stage: Stage,
        service: str,
        handler: str,
        *,
        layers: Sequence[lambda_.ILayerVersion],
        environment: Mapping[str, str],
        grants: Sequence[Grant],
        timeout_s: int,
    ) -> None:
        super().__init__(scope, handler.title())
        name = stage.function_name(service, handler)
        log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/lambda/{name}",
            retention=retention(stage),
            removal_policy=RemovalPolicy.DESTROY if stage.removable else RemovalPolicy.RETAIN,
        )
        self.role = role = iam.Role(
            self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")
        )
        log_group.grant_write(role)
        for grant in grants:
            grant.to(role)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=name,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=architecture(stage),
            handler=f"functions.{service}.{handler}.handler",
            code=_code(service),
            layers=list(layers),
            role=role.without_policy_updates(),
            log_group=log_group,
            memory_size=MEMORY_MB,
            timeout=Duration.seconds(timeout_s),
            reserved_concurrent_executions=stage.concurrency,
            environment={
                "STAGE": stage.name,
                "LOG_LEVEL": "INFO",
                "POWERTOOLS_SERVICE_NAME": service,
                **environment,
                **stage.extra_environment,
            },
        )
        for rule, reason in _ACCEPTED.items():
            accept(self.function, rule, reason)


def _code(service: str) -> lambda_.Code:
    """The service's package, the catalogue, and of auth what it shows people to accept, at the
    paths they have in the repository. Anchored patterns: a bare `*` would give an empty asset
    without an error."""
    return lambda_.Code.from_asset(
        str(ROOT),
        ignore_mode=IgnoreMode.GIT,
        exclude=[
            "/*",
            "!/functions",
            "/functions/*",
            "!/functions/__init__.py",
            f"!/functions/{service}",
            "!/models",
            "/models/*",
            "!/models/catalog.json",
            *(("!/docs", "/docs/*", "!/docs/policies") if service == "auth" else ()),
            "__pycache__",
        ],
    )


def retention(stage: Stage) -> logs.RetentionDays:
    """How long the stage keeps its logs."""
    return {
        7: logs.RetentionDays.ONE_WEEK,
        30: logs.RetentionDays.ONE_MONTH,
        90: logs.RetentionDays.THREE_MONTHS,
    }[stage.log_retention_days]
