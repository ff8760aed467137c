"""The models that a stage switches on, each on its own endpoint. None by default: none costs."""

from collections.abc import Collection
from typing import Final

from aws_cdk import App
from aws_cdk import aws_iam as iam

from stacks import grants
from stacks.cards import get_serving
from stacks.config import Stage
from stacks.constructs.async_endpoint import LOG_GROUPS, AsyncEndpoint
from stacks.constructs.stack import StageStack
from stacks.grants import Grant
from stacks.images import repository_arn

PULL_IMAGE: Final = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
)


class ModelsStack(StageStack):
    def __init__(self, app: App, stage: Stage) -> None:
        super().__init__(app, stage, "models")
        served = {model: get_serving(stage, model) for model in stage.models}
        role = self._role({serving["image"] for serving in served.values()})
        for model, serving in served.items():
            AsyncEndpoint(self, stage, model, serving, role)

    def _role(self, images: Collection[str]) -> iam.Role:
        """What endpoints do: read weights and inputs, write raw outputs, publish notices."""
        stage = self.stage
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
        allowed = [
            grants.files(stage, "models", "GetObject"),
            grants.files(stage, "inputs", "GetObject"),
            grants.files(stage, "raw", "PutObject", "AbortMultipartUpload"),
            grants.list_files(stage, "models", "inputs"),
            grants.publish(stage, "inference-succeeded"),
            grants.publish(stage, "inference-failed"),
            Grant(
                ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
                [stage.arn("logs", f"log-group:{LOG_GROUPS}/{stage.endpoint_name('*')}")],
                why="One log group for each endpoint of the stage.",
            ),
            Grant(
                ("ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"),
                ["*"],
                why="AWS knows no resource for these actions.",
            ),
        ]
        if images:
            allowed.append(Grant(PULL_IMAGE, sorted(repository_arn(stage, i) for i in images)))
        for grant in allowed:
            grant.to(role)
        return role
