"""The inference service: its door, the worker of SageMaker's notices, and the sweeper."""

from typing import Final

from aws_cdk import App

from stacks import grants
from stacks.cards import endpoints
from stacks.config import Stage
from stacks.constructs.function import ServiceFunction
from stacks.constructs.layers import layers
from stacks.constructs.stack import StageStack
from stacks.constructs.worker import every_minute, from_queue
from stacks.data import WORKER_TIMEOUT_S
from stacks.guardrail import guardrail_id, guardrail_version

API_TIMEOUT_S: Final = 30
SWEEPER_TIMEOUT_S: Final = 55


class InferenceStack(StageStack):
    def __init__(self, app: App, stage: Stage) -> None:
        super().__init__(app, stage, "inference")
        guardrail = guardrail_id(self, stage)
        shared, environment = (
            layers(self, stage),
            self._environment(guardrail),
        )
        ends_jobs = [*self._ends_jobs(), *grants.screen_content(stage, guardrail)]
        sends_jobs = [
            grants.read_table(stage, "ledger"),
            grants.invoke_models(stage),
            grants.files(stage, "inputs", "GetObject", "PutObject"),
        ]
        ServiceFunction(
            self,
            stage,
            "inference",
            "api",
            layers=shared,
            environment=environment,
            grants=[
                *ends_jobs,
                *sends_jobs,
                grants.read_table(stage, "jobs"),
                grants.find_items(stage, "accounts"),
                grants.read_secret(stage, "root"),
                grants.files(stage, "uploads", "GetObject", "PutObject"),
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
            grants=[*ends_jobs, *sends_jobs],
            timeout_s=SWEEPER_TIMEOUT_S,
        )
        every_minute(sweeper, sweeper.function)

    def _ends_jobs(self) -> list[grants.Grant]:
        """What every handler needs that may bring a job to its end, beside the detectors."""
        stage = self.stage
        return [
            grants.find_items(stage, "jobs"),
            grants.write_table(stage, "jobs"),
            grants.spend_credit(stage),
            grants.files(stage, "inputs", "DeleteObject"),
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
        }
