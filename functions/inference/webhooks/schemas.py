"""Webhooks and deliveries as the API shows and takes them."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.inference.webhooks.delivery import Delivery, State
from functions.inference.webhooks.hooks import Webhook
from functions.inference.webhooks.kinds import EVENTS, EventType
from functions.inference.webhooks.signing import SigningSecret
from functions.inference.webhooks.target import MAX_URL_CHARS
from sluice import clock

MAX_DESCRIPTION_CHARS = 200

type Address = Annotated[
    str, Field(min_length=1, max_length=MAX_URL_CHARS, examples=["https://example.com/hooks"])
]
type Events = Annotated[list[EventType], Field(max_length=len(EVENTS))]
type Description = Annotated[str, Field(max_length=MAX_DESCRIPTION_CHARS)]


class NewWebhook(BaseModel):
    """Where the account's events go."""

    model_config = ConfigDict(extra="forbid")

    url: Address
    events: Events = Field(default=[], description="Which are sent; all of them when empty.")
    description: Description = ""


class WebhookChange(BaseModel):
    """What is given changes; the rest stays."""

    model_config = ConfigDict(extra="forbid")

    url: Address | None = None
    events: Events | None = None
    description: Description | None = None
    enabled: bool | None = None


class SecretBody(BaseModel):
    """When a signing secret was last changed, and until when the one before it signs too. Version 0
    is one that nobody has seen: rotate it once to have one."""

    version: int
    rotated_at: str | None
    previous_until: str | None

    @classmethod
    def of(cls, secret: SigningSecret) -> Self:
        until_ms, rotated_ms = secret.overlap_until_ms, secret.rotated_ms
        return cls(
            version=secret.version,
            rotated_at=clock.iso(rotated_ms) if rotated_ms else None,
            previous_until=clock.iso(until_ms) if until_ms else None,
        )


class NewSecret(SecretBody):
    """`secret` is shown in this answer and never again; null when the request was repeated."""

    secret: str | None = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class WebhookBody(BaseModel):
    """One of the account's webhooks. `disabled_reason` says why nothing is sent any more."""

    object: Literal["webhook"] = "webhook"
    id: str
    url: str
    events: list[str]
    description: str
    enabled: bool
    disabled_reason: str | None
    created_at: str
    signing: SecretBody


class CreatedWebhook(WebhookBody):
    """`secret` is shown in this answer and never again; null when the request was repeated."""

    secret: str | None = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class WebhookList(BaseModel):
    data: list[WebhookBody]


class AttemptBody(BaseModel):
    """One request to the receiver: its answer's `status`, or the `error` that prevented one."""

    at: str
    duration_ms: int
    status: int | None
    error: str | None = Field(examples=["timeout", "forbidden_address", "tls_failed"])
    response: str = Field(description="The beginning of the answer's body.")


class DeliveryBody(BaseModel):
    """An event on its way to one receiver; `id` is what the receiver sees as `webhook-id`."""

    object: Literal["delivery"] = "delivery"
    id: str
    state: State
    reason: str | None = Field(description="Why it failed for good.", examples=["exhausted"])
    event: str
    job: str | None
    webhook: str | None
    url: str | None = Field(description="Of a job's own webhook.")
    happened_at: str
    next_attempt_at: str | None
    attempts: list[AttemptBody] = Field(description="The latest twenty, the newest last.")


class DeliveryPage(BaseModel):
    data: list[DeliveryBody]
    next_cursor: str | None


def show(webhook: Webhook) -> WebhookBody:
    return WebhookBody(
        id=webhook.id,
        url=webhook.url,
        events=list(webhook.events),
        description=webhook.description,
        enabled=webhook.enabled,
        disabled_reason=webhook.disabled_reason,
        created_at=clock.iso(webhook.created_ms),
        signing=SecretBody.of(webhook.secret),
    )


def show_delivery(delivery: Delivery) -> DeliveryBody:
    is_pending = delivery.state == "pending"
    return DeliveryBody(
        id=delivery.id,
        state=delivery.state,
        reason=delivery.reason,
        event=delivery.event,
        job=delivery.job,
        webhook=delivery.webhook,
        url=delivery.url,
        happened_at=clock.iso(delivery.event_ms),
        next_attempt_at=clock.iso(delivery.due_ms) if is_pending else None,
        attempts=[
            AttemptBody(
                at=clock.iso(attempt["at_ms"]),
                duration_ms=attempt["duration_ms"],
                status=attempt.get("status"),
                error=attempt.get("error"),
                response=attempt.get("response", ""),
            )
            for attempt in delivery.attempts
        ],
    )
