"""The content service: its door, and the worker that records verdicts."""

from typing import Final

from aws_cdk import App

from stacks import grants
from stacks.config import Stage
from stacks.constructs.function import ServiceFunction
from stacks.constructs.layers import layers
from stacks.constructs.stack import StageStack
from stacks.constructs.worker import from_stream
from stacks.guardrail import guardrail_id

API_TIMEOUT_S: Final = 29
VERDICTS_TIMEOUT_S: Final = 30
FLAGGED_ONLY: Final = {"dynamodb": {"NewImage": {"flagged": {"BOOL": [True]}}}}


class ContentStack(StageStack):
    def __init__(self, app: App, stage: Stage) -> None:
        super().__init__(app, stage, "content")
        shared = layers(self, stage)
        environment = {
            "CONTENT_TABLE": f"{stage.prefix}-content",
            "ACCOUNTS_TABLE": f"{stage.prefix}-accounts",
            "ROOT_SECRET_ID": stage.secret_name("root"),
            "PUBLIC_URL": stage.public_url,
            "GUARDRAIL_ID": guardrail_id(self, stage),
        }
        ServiceFunction(
            self,
            stage,
            "content",
            "api",
            layers=shared,
            environment=environment | stage.door_environment,
            grants=[
                grants.read_table(stage, "content"),
                grants.find_items(stage, "accounts"),
                grants.read_secret(stage, "root"),
            ],
            timeout_s=API_TIMEOUT_S,
        )
        verdicts = ServiceFunction(
            self,
            stage,
            "content",
            "verdicts",
            layers=shared,
            environment=environment,
            grants=[grants.put_items(stage, "content")],
            timeout_s=VERDICTS_TIMEOUT_S,
        )
        from_stream(
            verdicts, stage, verdicts.function, verdicts.role, table="jobs", only=FLAGGED_ONLY
        )
