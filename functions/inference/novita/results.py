"""A job as a Novita task: what task-result answers, and what a webhook of that family carries.

Plain JSON values, since the webhooks' worker loads no HTTP framework.
"""

from collections.abc import Mapping
from typing import Any, Final

from functions.inference.jobs.job import Job, ResultFile
from functions.inference.results import conversion, links
from sluice import clock
from sluice.moderation import Verdict
from sluice.moderation.verdict import of_item

EVENT_TYPE: Final = "ASYNC_TASK_RESULT"
QUEUED, PROCESSING = "TASK_STATUS_QUEUED", "TASK_STATUS_PROCESSING"
SUCCEED, FAILED = "TASK_STATUS_SUCCEED", "TASK_STATUS_FAILED"
TASK_TYPES: Final[Mapping[str, str]] = {
    "text-to-image": "TXT_TO_IMG",
    "image-to-image": "IMG_TO_IMG",
    "inpainting": "INPAINTING",
    "upscale": "UPSCALE",
    "remove-background": "REMOVE_BACKGROUND",
    "text-to-speech": "TXT_TO_SPEECH",
}
IMAGE_TYPE, NSFW = "image_type", "nsfw"
"""What a task's `door` says: the format asked for, and whether to tell what screening found."""
SEXUAL: Final = frozenset({"pornography", "minors"})
CERTAIN_PERCENT: Final = 100.0
COMPLETE_PERCENT: Final = 100
CANCELED_REASON = "The task was cancelled; nothing was charged."
DELETED_REASON = "The result was deleted on request."
TEXT_DETECTOR = "guardrail"


def event(job: Job) -> dict[str, Any]:
    """The webhook's body."""
    return {"event_type": EVENT_TYPE, "payload": task_result(job)}


def task_result(job: Job, eta_s: int = 0) -> dict[str, Any]:
    """The fields of `answers.TaskResult`, with fresh links."""
    ended = "" if job.ended_ms is None else str(job.ended_ms)
    shown = () if job.deleted else job.files
    seeds = [str(file.seed) for file in shown if file.seed is not None]
    return {
        "extra": {
            "seed": seeds[0] if seeds else "",
            "enable_nsfw_detection": bool(job.door.get(NSFW)),
            "debug_info": {
                "request_info": "",
                "submit_time_ms": str(job.created_ms),
                "execute_time_ms": "" if _never_sent(job) else str(job.sent_ms),
                "complete_time_ms": ended,
            },
        },
        "task": {
            "task_id": job.id,
            "task_type": task_type(job.task),
            "status": status_of(job),
            "reason": reason_of(job),
            "eta": eta_s,
            "progress_percent": COMPLETE_PERCENT if job.status == "succeeded" else 0,
        },
        "images": [_image(job, file) for file in shown if file.is_picture],
        "videos": [],
        "audios": [_audio(job, file) for file in shown if not file.is_picture],
    }


def mock(task_id: str, sample: Mapping[str, str]) -> dict[str, Any]:
    """The webhook's body of a task that never was, for a client to try its handler on: `sample` is
    {task, status}."""
    now = str(clock.now_ms())
    succeeded = sample["status"] == SUCCEED
    return {
        "event_type": EVENT_TYPE,
        "payload": {
            "extra": {
                "seed": "",
                "enable_nsfw_detection": False,
                "debug_info": {
                    "request_info": "",
                    "submit_time_ms": now,
                    "execute_time_ms": now,
                    "complete_time_ms": now,
                },
            },
            "task": {
                "task_id": task_id,
                "task_type": task_type(sample["task"]),
                "status": sample["status"],
                "reason": "" if succeeded else "A test event: no task failed.",
                "eta": 0,
                "progress_percent": COMPLETE_PERCENT if succeeded else 0,
            },
            "images": [],
            "videos": [],
            "audios": [],
        },
    }


def task_type(task: str) -> str:
    return TASK_TYPES.get(task, task.upper().replace("-", "_"))


def status_of(job: Job) -> str:
    """There are no more states than these in the family: a cancelled task has failed."""
    if not job.has_ended:
        return QUEUED if job.is_waiting else PROCESSING
    return SUCCEED if job.status == "succeeded" else FAILED


def _never_sent(job: Job) -> bool:
    return job.queued and job.started_ms is None


def reason_of(job: Job) -> str:
    if job.status == "canceled":
        return CANCELED_REASON
    if job.error is None:
        return DELETED_REASON if job.deleted else ""
    said = job.error["message"]
    return f"{blocked_reason(job)}: {said}" if job.status == "blocked" else said


def blocked_reason(job: Job) -> str:
    """Whether the words or the picture were not allowed."""
    stage, item = next(iter(job.verdicts.items()), ("output", None))
    findings = of_item(item).findings if item else ()
    blocking = [finding for finding in findings if finding.action == "block"]
    words = stage == "input" and any(f.detector.startswith(TEXT_DETECTOR) for f in blocking)
    return "ILLEGAL_PROMPT" if words else "ILLEGAL_IMAGE_CONTENT"


def _image(job: Job, file: ResultFile) -> dict[str, Any]:
    wanted = job.door.get(IMAGE_TYPE, conversion.format_of(file))
    if not conversion.is_possible(file, wanted):
        wanted = conversion.format_of(file)
    return {
        "image_url": links.sign(job.id, conversion.name_as(file, wanted)),
        "image_url_ttl": str(links.TTL_S),
        "image_type": wanted,
        "nsfw_detection_result": _nsfw(job),
    }


def _nsfw(job: Job) -> dict[str, Any] | None:
    """What screening said of the task's pictures together; None unless it was asked for."""
    item = job.verdicts.get("output")
    if not job.door.get(NSFW) or item is None:
        return None
    return {"valid": True, "confidence": _sexual_percent(of_item(item))}


def _sexual_percent(verdict: Verdict) -> float:
    scores = [_percent(f.score) for f in verdict.findings if f.category in SEXUAL]
    return max(scores, default=0.0)


def _percent(score: str) -> float:
    """Detectors that know no degrees say a word when they are certain."""
    try:
        return float(score)
    except ValueError:
        return CERTAIN_PERCENT


def _audio(job: Job, file: ResultFile) -> dict[str, Any]:
    seconds = (file.duration_ms or 0) / clock.MS_PER_S
    return {
        "audio_url": links.sign(job.id, file.name),
        "audio_url_ttl": str(links.TTL_S),
        "audio_type": file.name.rpartition(".")[2],
        "audio_metadata": {"text": "", "start_time": 0, "end_time": seconds},
    }
