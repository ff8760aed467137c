"""The inference service: its door, the worker of SageMaker's notices, and the sweeper."""

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import App
from aws_cdk import aws_lambda as lambda_

from stacks import grants
from stacks.cards import endpoints
from stacks.config import Stage
from stacks.constructs.function import ServiceFunction
from stacks.constructs.layers import layers
from stacks.constructs.stack import StageStack
from stacks.constructs.worker import PATIENT_RETRIES, every_minute, from_queue, from_stream
from stacks.data import WORKER_TIMEOUT_S
from stacks.guardrail import guardrail_id, guardrail_version

API_TIMEOUT_S: Final = 30
SWEEPER_TIMEOUT_S: Final = 55
DELIVERIES_TIMEOUT_S: Final = 30
DUE_TIMEOUT_S: Final = 30
ONE_LANE: Final = 1
"""A receiver may take its whole time-out, and nobody else's message shall wait for that."""
ENDED_ONLY: Final = {
    "eventName": ["MODIFY"],
    "dynamodb": {
        "NewImage": {"sk": {"S": ["JOB"]}, "ended_ms": {"N": [{"exists": True}]}},
    },
}
"""The change that ends a job, and the few after it, which the worker passes over: a filter of what
was not there before means different things to different readers of it."""


class InferenceStack(StageStack):
    def __init__(self, app: App, stage: Stage) -> None:
        super().__init__(app, stage, "inference")
        guardrail = guardrail_id(self, stage)
        shared, environment = (
            layers(self, stage),
            self._environment(guardrail),
        )
        ends_jobs = [*self._ends_jobs(), *grants.screen_content(stage, guardrail)]
        reads_credit = grants.read_table(stage, "ledger")
        ServiceFunction(
            self,
            stage,
            "inference",
            "api",
            layers=shared,
            environment=environment | stage.door_environment,
            grants=[
                *ends_jobs,
                reads_credit,
                grants.delete_items(stage, "jobs", "UPLOAD#"),
                grants.find_items(stage, "accounts"),
                grants.read_secret(stage, "root"),
                grants.files(stage, "uploads", "GetObject", "PutObject", "DeleteObject"),
                grants.send_messages(stage, "webhooks"),
            ],
            timeout_s=API_TIMEOUT_S,
        )
        completed = ServiceFunction(
            self,
            stage,
            "inference",
            "completed",
            layers=shared,
            environment=environment,
            grants=ends_jobs,
            timeout_s=WORKER_TIMEOUT_S,
        )
        from_queue(completed, stage, completed.function, completed.role, "completed")
        sweeper = ServiceFunction(
            self,
            stage,
            "inference",
            "sweeper",
            layers=shared,
            environment=environment,
            grants=[*ends_jobs, reads_credit],
            timeout_s=SWEEPER_TIMEOUT_S,
        )
        every_minute(sweeper, sweeper.function)
        self._webhooks(shared, environment)

    def _webhooks(
        self, shared: Sequence[lambda_.ILayerVersion], environment: Mapping[str, str]
    ) -> None:
        """From a job's end to its receivers. `attempts` alone talks to addresses that customers
        name; it is in no VPC, and may read and write jobs, but no file, credential or money."""
        stage = self.stage
        wakes = grants.send_messages(stage, "webhooks")
        told = (grants.find_items(stage, "jobs"), grants.write_table(stage, "jobs"), wakes)

        def function(name: str, timeout_s: int, *more: grants.Grant) -> ServiceFunction:
            return ServiceFunction(
                self,
                stage,
                "inference",
                name,
                layers=shared,
                environment=environment,
                grants=more,
                timeout_s=timeout_s,
            )

        deliveries = function("deliveries", DELIVERIES_TIMEOUT_S, *told)
        from_stream(
            deliveries,
            stage,
            deliveries.function,
            deliveries.role,
            table="jobs",
            only=ENDED_ONLY,
            retries=PATIENT_RETRIES,
        )
        attempts = function(
            "attempts",
            WORKER_TIMEOUT_S,
            grants.read_table(stage, "jobs"),
            grants.write_table(stage, "jobs"),
            # Since when the account is secured, and no credential.
            grants.find_items(stage, "accounts", "ACCOUNT#"),
            grants.read_secret(stage, "root"),
            wakes,
        )
        from_queue(attempts, stage, attempts.function, attempts.role, "webhooks", ONE_LANE)
        due = function("due", DUE_TIMEOUT_S, grants.find_due(stage, "jobs"), wakes)
        every_minute(due, due.function)

    def _ends_jobs(self) -> list[grants.Grant]:
        """What every handler needs that may bring a job to its end, and so send the one that waits
        for its slot, beside the detectors."""
        stage = self.stage
        return [
            grants.read_table(stage, "jobs"),
            grants.write_table(stage, "jobs"),
            grants.delete_items(stage, "jobs", "QUEUE#"),
            grants.spend_credit(stage),
            grants.invoke_models(stage),
            grants.files(stage, "inputs", "GetObject", "PutObject", "DeleteObject"),
            grants.files(stage, "raw", "GetObject", "DeleteObject"),
            grants.files(stage, "results", "GetObject", "PutObject", "DeleteObject"),
            grants.list_files(stage),
        ]

    def _environment(self, guardrail: str) -> dict[str, str]:
        stage = self.stage
        return {
            "JOBS_TABLE": f"{stage.prefix}-jobs",
            "LEDGER_TABLE": f"{stage.prefix}-ledger",
            "ACCOUNTS_TABLE": f"{stage.prefix}-accounts",
            "ROOT_SECRET_ID": stage.secret_name("root"),
            "FILES_BUCKET": stage.bucket_name,
            "ENDPOINTS": endpoints(stage),
            "GUARDRAIL_ID": guardrail,
            "GUARDRAIL_VERSION": guardrail_version(self, stage),
            "PUBLIC_URL": stage.public_url,
            "S3_PUBLIC_URL": stage.s3_public_url,
            "JOB_RETENTION_DAYS": str(stage.job_retention_days),
            "WEBHOOKS_QUEUE_URL": stage.queue_url("webhooks"),
            "WEBHOOKS_REACH_LOOPBACK": str(int(stage.webhooks_reach_loopback)),
        }
