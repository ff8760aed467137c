"""What a secured account's webhooks are still told: nothing that was pending, nothing at an address
that a job named before, and nothing at a webhook until its owner enables it anew."""

from functions.inference.jobs.job import Job
from functions.inference.webhooks.delivery import Delivery
from functions.inference.webhooks.hooks import Webhook
from sluice.errors import Forbidden

ACCOUNT_SECURED = "account_secured"
WHY_DISABLED = "The account was secured after this was set up; enable it again if it is yours."


def is_confirmed(webhook: Webhook, distrusted_ms: int) -> bool:
    """Whether it was set up, moved or enabled since the account was secured, if ever it was."""
    return not distrusted_ms or max(webhook.created_ms, webhook.confirmed_ms) > distrusted_ms


def check(delivery: Delivery, webhook: Webhook | None, job: Job | None, distrusted_ms: int) -> None:
    """Raises Forbidden `account_secured`; `distrusted_ms` is of `sluice.standing`."""
    if not distrusted_ms:
        return
    if webhook is not None:
        told = is_confirmed(webhook, distrusted_ms)
    else:
        told = job is None or job.created_ms > distrusted_ms
    if not told or max(delivery.event_ms, delivery.asked_ms) <= distrusted_ms:
        raise Forbidden("The account was secured since.", code=ACCOUNT_SECURED)
