"""The models that a stage switches on, each on its own endpoint. None by default: none costs."""

from aws_cdk import App
from aws_cdk import aws_iam as iam

from stacks import grants
from stacks.cards import get_serving
from stacks.config import Stage
from stacks.constructs.async_endpoint import AsyncEndpoint
from stacks.constructs.stack import StageStack
from stacks.grants import Grant


class ModelsStack(StageStack):
    def __init__(self, app: App, stage: Stage) -> None:
        super().__init__(app, stage, "models")
        role = self._role()
        for model in stage.models:
            AsyncEndpoint(self, stage, model, get_serving(stage, model), role)

    def _role(self) -> iam.Role:
        """What endpoints do: read weights and inputs, write raw outputs, publish notices."""
        stage = self.stage
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
        allowed = [
            grants.files(stage, "models", "GetObject"),
            grants.files(stage, "inputs", "GetObject"),
            grants.files(stage, "raw", "PutObject"),
            grants.list_files(stage, "models", "inputs"),
            grants.publish(stage, "inference-succeeded"),
            grants.publish(stage, "inference-failed"),
            Grant(
                ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
                [stage.arn("logs", f"log-group:/aws/sagemaker/Endpoints/{stage.prefix}-*")],
                why="One log group for each endpoint of the stage.",
            ),
            Grant(
                ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
                ["arn:aws:ecr:*:*:repository/*"],
                why="AWS's own container repositories stand in AWS's accounts.",
            ),
            Grant(
                ("ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"),
                ["*"],
                why="AWS knows no resource for these actions.",
            ),
        ]
        for grant in allowed:
            grant.to(role)
        return role
