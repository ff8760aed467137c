"""The body of a delivery. It is made anew for each attempt: links in it are fresh, and what was
deleted since is not in it any more."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from functions.inference.jobs.job import Job
from functions.inference.jobs.shown import file_result, shown
from functions.inference.settings import settings
from functions.inference.webhooks.delivery import Delivery
from functions.inference.webhooks.kinds import Family
from sluice import clock

MAX_BODY_BYTES = 20_000
"""As Standard Webhooks advises; a result that does not fit is left out, and fetched by its link."""


def of_job(delivery: Delivery, job: Job) -> bytes:
    """`{"type", "timestamp", "data", "links"}`, where `data` is the job as the API shows it."""
    return BODIES[delivery.family](delivery, job)


def _sluice(delivery: Delivery, job: Job) -> bytes:
    result = None if job.deleted else _result(job)
    body = _envelope(delivery, shown(job, result), job.id)
    if len(body) > MAX_BODY_BYTES:
        body = _envelope(delivery, shown(job, None), job.id)
    return body


def _result(job: Job) -> Mapping[str, Any] | None:
    """Small answers, and links to files; a long text is fetched by `links.job`."""
    parsed: Mapping[str, Any] | None = json.loads(job.result) if job.result is not None else None
    return file_result(job) or parsed


def _envelope(delivery: Delivery, data: Mapping[str, Any], job_id: str) -> bytes:
    link = f"{settings().public_url}/v1/inference/jobs/{job_id}"
    return _json(delivery, data, {"job": link})


def _novita(delivery: Delivery, job: Job) -> bytes:
    # Screening's words come with it, and cold starts do without them.
    from functions.inference.novita import results

    return json.dumps(results.event(job)).encode()


def test(delivery: Delivery) -> bytes:
    """What a receiver gets when its owner asks for a test."""
    if delivery.sample is not None:
        from functions.inference.novita import results

        return json.dumps(results.mock(delivery.id, delivery.sample)).encode()
    return _json(delivery, {"object": "webhook", "id": delivery.webhook}, {})


def _json(delivery: Delivery, data: Mapping[str, Any], links: Mapping[str, str]) -> bytes:
    event = {
        "type": delivery.event,
        "timestamp": clock.iso(delivery.event_ms),
        "data": data,
        "links": links,
    }
    return json.dumps(event).encode()


BODIES: Mapping[Family, Callable[[Delivery, Job], bytes]] = {
    "sluice": _sluice,
    "novita": _novita,
}
