"""From a job's end to deliveries: one for each webhook that wants to know, each exactly once."""

from collections.abc import Iterator

from functions.inference.jobs.job import Job
from functions.inference.webhooks import lanes, store
from functions.inference.webhooks.delivery import Delivery
from functions.inference.webhooks.hooks import Hooks, get_hooks
from functions.inference.webhooks.kinds import JobWebhook
from functions.inference.webhooks.store import DeliveryExists
from functions.inference.webhooks.target import parse
from sluice import ids
from sluice.errors import InvalidInput
from sluice.log import logger


def announce(job: Job) -> int:
    """Have a job's end delivered; gives to how many. May be called again."""
    deliveries = list(of_job(job, get_hooks(job.account)))
    for delivery in deliveries:
        try:
            store.arrive(delivery).commit()
        except DeliveryExists:
            logger.info("on its way already", extra={"delivery": delivery.id})
        # Whoever made it may have died before this.
        lanes.wake(delivery.lane, delivery.id)
    return len(deliveries)


def of_job(job: Job, hooks: Hooks) -> Iterator[Delivery]:
    """What an ended job leads to."""
    event, at_ms = f"job.{job.status}", job.ended_ms or job.created_ms
    for webhook in hooks.webhooks.values():
        if webhook.wants(event):
            yield Delivery(
                id=_id(job, at_ms, webhook.id),
                account=job.account,
                lane=webhook.id,
                event=event,
                event_ms=at_ms,
                due_ms=at_ms,
                job=job.id,
                webhook=webhook.id,
            )
    if job.webhook is not None and job.webhook.wants(event):
        yield from _own(job, job.webhook, event, at_ms)


def _own(job: Job, webhook: JobWebhook, event: str, at_ms: int) -> Iterator[Delivery]:
    """To the job's own URL."""
    try:
        lane = lane_of(job.account, webhook.url)
    except InvalidInput:
        logger.warning("the rules for addresses have changed since", extra={"job": job.id})
        return
    yield Delivery(
        id=_id(job, at_ms, webhook.url),
        account=job.account,
        lane=lane,
        event=event,
        event_ms=at_ms,
        due_ms=at_ms,
        job=job.id,
        url=webhook.url,
        family=webhook.family,
    )


def lane_of(account: str, url: str) -> str:
    """What single jobs send to one host waits in one lane. Raises InvalidInput."""
    return ids.derive("lane", account, parse(url).authority)


def _id(job: Job, at_ms: int, receiver: str) -> str:
    return ids.derive_at("dlv", at_ms, job.id, receiver)
