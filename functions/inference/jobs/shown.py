"""A job as everybody is shown it, in plain JSON values: by the API, and by webhooks, whose worker
loads no HTTP framework."""

from collections.abc import Mapping
from typing import Any

from functions.inference.jobs.job import Job, ResultFile
from functions.inference.results import links
from sluice import clock, money


def shown(job: Job, result: Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields of `schemas.JobBody`; `result` is the model's answer, or None to leave it
    out."""
    charged = job.charged_nanos
    return {
        "object": "job",
        "id": job.id,
        "status": job.status,
        "model": job.model,
        "task": job.task,
        "created_at": clock.iso(job.created_ms),
        "deadline_at": clock.iso(job.deadline_ms),
        "ended_at": None if job.ended_ms is None else clock.iso(job.ended_ms),
        "price": {
            "version": job.prices["version"],
            "held": money.as_json(job.held_nanos),
            "charged": None if charged is None else money.as_json(charged),
        },
        "usage": job.usage,
        "result": result,
        "error": job.error,
        "clamped": None
        if job.clamped_max_tokens is None
        else {"max_tokens": job.clamped_max_tokens},
        "policy": job.policy,
        "deleted": job.deleted,
    }


def file_result(job: Job) -> Mapping[str, Any] | None:
    """The result of a job whose answer is files, with fresh links; None for any other."""
    if not job.files:
        return None
    shown_files = [_file(job, file) for file in job.files]
    return {"images": shown_files} if job.files[0].is_picture else {"audio": shown_files[0]}


def _file(job: Job, file: ResultFile) -> dict[str, Any]:
    facts = {name: getattr(file, name) for name in file.__slots__ if name != "name"}
    known = {name: value for name, value in facts.items() if value is not None}
    return {"url": links.sign(job.id, file.name)} | known
