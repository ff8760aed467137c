"""The inference service's environment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sluice.errors import ModelNotServed
from sluice.settings import load


@dataclass(frozen=True, slots=True)
class Settings:
    """`endpoints` is JSON: model id → {endpoint, wake_s, timeout_s, concurrency, typical_s}, the
    models this stage serves.
    `s3_public_url` replaces S3's own address in links where clients reach it elsewhere.
    `webhooks_reach_loopback` is 1 on a laptop, and nowhere else."""

    jobs_table: str
    ledger_table: str
    accounts_table: str
    root_secret_id: str
    files_bucket: str
    endpoints: str
    guardrail_id: str
    guardrail_version: str
    public_url: str
    job_retention_days: int
    webhooks_queue_url: str
    s3_public_url: str = ""
    webhooks_reach_loopback: int = 0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is served, and how long its endpoint takes to wake and, at most, to answer. It
    works at `concurrency` requests at a time; a typical one takes `typical_s`, where it was
    measured."""

    name: str
    wake_s: int
    timeout_s: int
    concurrency: int = 1
    typical_s: int | None = None


def settings() -> Settings:
    loaded: Settings = load(Settings)
    return loaded


@cache
def _endpoints(raw: str) -> Mapping[str, Endpoint]:
    return {
        model: Endpoint(
            facts["endpoint"],
            facts["wake_s"],
            facts["timeout_s"],
            facts.get("concurrency", 1),
            facts.get("typical_s"),
        )
        for model, facts in json.loads(raw).items()
    }


def served_models() -> Mapping[str, Endpoint]:
    return _endpoints(settings().endpoints)


def get_endpoint(model: str) -> Endpoint:
    """Where `model` is served; raises ModelNotServed."""
    endpoint = served_models().get(model)
    if endpoint is None:
        raise ModelNotServed(
            f"{model} is known but not served at this stage; GET /v1/inference/models shows "
            "which models are."
        )
    return endpoint
