"""/v1/inference/webhooks and /v1/inference/deliveries"""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from functions.inference.webhooks import by_hand, service, store
from functions.inference.webhooks.delivery import State
from functions.inference.webhooks.schemas import (
    CreatedWebhook,
    DeliveryBody,
    DeliveryPage,
    NewSecret,
    NewWebhook,
    SecretBody,
    WebhookBody,
    WebhookChange,
    WebhookList,
    show,
    show_delivery,
)
from functions.inference.webhooks.service import Change, Listing, Wish
from functions.inference.webhooks.signing import SigningSecret
from sluice.http import PROBLEMS
from sluice.principal import Principal, require

MAX_ID_CHARS = 64
MAX_KEY_CHARS = 255

router = APIRouter(prefix="/v1/inference", tags=["webhooks"], responses=PROBLEMS)

Caller = Annotated[Principal, Depends(require("inference"))]
Reader = Annotated[Principal, Depends(require("inference:read"))]
Id = Annotated[str, Path(max_length=MAX_ID_CHARS)]
Key = Annotated[str | None, Header(min_length=1, max_length=MAX_KEY_CHARS)]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=1024)]


@router.post("/webhooks", status_code=201)
async def create_webhook(
    body: NewWebhook, response: Response, caller: Caller, idempotency_key: Key = None
) -> CreatedWebhook:
    """Have the account's events sent to a URL. `secret` is shown in this answer and never again;
    the answer to a repeated `Idempotency-Key` lacks it.

    Refusals: `invalid_webhook_url`, `too_many_webhooks`, `webhook_not_found` (made by this key, and
    deleted since)."""
    wish = Wish(body.url, body.events, body.description)
    webhook, replayed = service.create(caller.account, wish, idempotency_key)
    _mark(response, replayed)
    shown = None if replayed else webhook.secret.text
    return CreatedWebhook(**show(webhook).model_dump(), secret=shown)


@router.get("/webhooks")
async def list_webhooks(caller: Reader) -> WebhookList:
    """The account's webhooks, at most ten, the oldest first."""
    return WebhookList(data=[show(webhook) for webhook in service.list_(caller.account)])


@router.get("/webhooks/default")
async def get_default_secret(caller: Caller) -> SecretBody:
    """Of the secret that signs what goes to the URLs of single jobs."""
    return SecretBody.of(service.default_secret(caller.account))


@router.post("/webhooks/default/rotate")
async def rotate_default_secret(
    response: Response, caller: Caller, idempotency_key: Key = None
) -> NewSecret:
    """A new secret for the URLs of single jobs, shown in this answer and never again; the one
    before it signs too for 24 hours."""
    secret, replayed = service.rotate_default(caller.account, idempotency_key)
    return _new_secret(response, secret, replayed)


@router.get("/webhooks/{webhook_id}")
async def get_webhook(webhook_id: Id, caller: Reader) -> WebhookBody:
    """One webhook, without its secret. Refusals: `webhook_not_found`."""
    return show(service.get(caller.account, webhook_id))


@router.patch("/webhooks/{webhook_id}")
async def change_webhook(webhook_id: Id, body: WebhookChange, caller: Caller) -> WebhookBody:
    """Change what is given. To enable one again forgets why it was disabled. Refusals:
    `webhook_not_found`, `invalid_webhook_url`."""
    wanted = Change(body.url, body.events, body.description, body.enabled)
    return show(service.change(caller.account, webhook_id, wanted))


@router.delete("/webhooks/{webhook_id}", status_code=204)
async def delete_webhook(webhook_id: Id, caller: Caller) -> None:
    """Send nothing to it any more; what is on its way fails at its next attempt. Refusals:
    `webhook_not_found`."""
    service.delete(caller.account, webhook_id)


@router.post("/webhooks/{webhook_id}/rotate")
async def rotate_secret(
    webhook_id: Id, response: Response, caller: Caller, idempotency_key: Key = None
) -> NewSecret:
    """A new secret, shown in this answer and never again. For 24 hours the one before it signs
    too, so a receiver may be changed meanwhile. Refusals: `webhook_not_found`."""
    secret, replayed = service.rotate(caller.account, webhook_id, idempotency_key)
    return _new_secret(response, secret, replayed)


@router.post("/webhooks/{webhook_id}/test", status_code=202)
async def test_webhook(
    webhook_id: Id,
    response: Response,
    caller: Caller,
    idempotency_key: Key = None,  # noqa: PT028  # a route, no test
) -> DeliveryBody:
    """Send a `webhook.test` event, whatever the webhook's filter says.

    Refusals: `webhook_not_found`, `webhook_disabled`."""
    delivery, replayed = by_hand.test(caller.account, webhook_id, idempotency_key)
    _mark(response, replayed)
    return show_delivery(delivery)


@router.get("/webhooks/{webhook_id}/deliveries")
async def list_webhook_deliveries(
    webhook_id: Id,
    caller: Reader,
    state: Annotated[State | None, Query()] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> DeliveryPage:
    """What one webhook was sent, the newest event first; kept for 30 days. Refusals:
    `webhook_not_found`."""
    service.get(caller.account, webhook_id)
    return _page(caller, Listing(webhook=webhook_id, state=state), limit, cursor)


@router.get("/deliveries")
async def list_deliveries(
    caller: Reader,
    job: Annotated[str | None, Query(max_length=MAX_ID_CHARS)] = None,
    webhook: Annotated[str | None, Query(max_length=MAX_ID_CHARS)] = None,
    state: Annotated[State | None, Query()] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> DeliveryPage:
    """All deliveries, also those to the URLs of single jobs, the newest event first. A filtered
    page may be short; go on while there is a `next_cursor`. Refusals: `job_not_found`,
    `webhook_not_found`."""
    return _page(caller, Listing(job, webhook, state), limit, cursor)


@router.get("/deliveries/{delivery_id}")
async def get_delivery(delivery_id: Id, caller: Reader) -> DeliveryBody:
    """One delivery with its attempts. Refusals: `delivery_not_found`."""
    return show_delivery(store.get_delivery(caller.account, delivery_id))


@router.post("/deliveries/{delivery_id}/redeliver", status_code=202)
async def redeliver(
    delivery_id: Id, response: Response, caller: Caller, idempotency_key: Key = None
) -> DeliveryBody:
    """Send one that has ended once more, with the same id, on the whole schedule.

    Refusals: `delivery_not_found`, `delivery_pending`, `webhook_not_found`, `webhook_disabled`."""
    delivery, replayed = by_hand.redeliver(caller.account, delivery_id, idempotency_key)
    _mark(response, replayed)
    return show_delivery(delivery)


def _page(caller: Principal, asked: Listing, limit: int, cursor: str | None) -> DeliveryPage:
    found, next_cursor = service.list_deliveries(caller.account, asked, limit, cursor)
    return DeliveryPage(data=[show_delivery(one) for one in found], next_cursor=next_cursor)


def _new_secret(response: Response, secret: SigningSecret, replayed: bool) -> NewSecret:
    _mark(response, replayed)
    shown = SecretBody.of(secret).model_dump()
    return NewSecret(**shown, secret=None if replayed else secret.text)


def _mark(response: Response, replayed: bool) -> None:
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
