"""The billing service: its door, and the worker that acts on other services' events."""

from typing import Final

from aws_cdk import App

from stacks import grants
from stacks.config import Stage
from stacks.constructs.function import ServiceFunction
from stacks.constructs.layers import layers
from stacks.constructs.stack import StageStack
from stacks.constructs.worker import from_queue
from stacks.data import WORKER_TIMEOUT_S

API_TIMEOUT_S: Final = 29


class BillingStack(StageStack):
    def __init__(self, app: App, stage: Stage) -> None:
        super().__init__(app, stage, "billing")
        shared = layers(self, stage)
        environment = {
            "LEDGER_TABLE": f"{stage.prefix}-ledger",
            "ACCOUNTS_TABLE": f"{stage.prefix}-accounts",
            "ROOT_SECRET_ID": stage.secret_name("root"),
            "PUBLIC_URL": stage.public_url,
            "FREE_GRANT_NANOS": str(stage.free_grant_nanos),
            "FREE_GRANT_DAYS": str(stage.free_grant_days),
        }
        ServiceFunction(
            self,
            stage,
            "billing",
            "api",
            layers=shared,
            environment=environment | stage.door_environment,
            grants=[
                grants.read_table(stage, "ledger"),
                grants.find_items(stage, "accounts"),
                grants.read_secret(stage, "root"),
            ],
            timeout_s=API_TIMEOUT_S,
        )
        events = ServiceFunction(
            self,
            stage,
            "billing",
            "events",
            layers=shared,
            environment=environment,
            grants=[
                grants.find_items(stage, "ledger"),
                grants.write_table(stage, "ledger"),
            ],
            timeout_s=WORKER_TIMEOUT_S,
        )
        from_queue(events, stage, events.function, events.role, "billing-events")
