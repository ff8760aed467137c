"""A job as everybody is shown it, in plain JSON values: by the API, and by webhooks, whose worker
loads no HTTP framework."""

from collections.abc import Mapping
from typing import Any

from functions.inference.flow.outlook import UNKNOWN, Outlook
from functions.inference.jobs.job import Job, ResultFile
from functions.inference.results import links
from sluice import clock, money


def shown(job: Job, result: Mapping[str, Any] | None, outlook: Outlook = UNKNOWN) -> dict[str, Any]:
    """The fields of `schemas.JobBody`; `result` is the model's answer, or None to leave it
    out."""
    charged = job.charged_nanos
    return {
        "object": "job",
        "id": job.id,
        "status": job.shown_status,
        "model": job.model,
        "task": job.task,
        "created_at": clock.iso(job.created_ms),
        "deadline_at": clock.iso(job.deadline_ms),
        "ended_at": None if job.ended_ms is None else clock.iso(job.ended_ms),
        "queue_position": outlook.queue_position,
        "eta_s": outlook.eta_s,
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
    if job.files[0].is_picture:
        return {"images": [_file(job.id, file) for file in job.files]}
    return {"audio": _file(job.id, job.files[0])}


def _file(job_id: str, file: ResultFile) -> dict[str, Any]:
    """A file's facts, without those that it has not, and a link."""
    facts = ("content_type", "size_bytes", "width", "height", "duration_ms", "seed")
    known = {name: getattr(file, name) for name in facts}
    return {"url": links.sign(job_id, file.name)} | {
        name: value for name, value in known.items() if value is not None
    }
