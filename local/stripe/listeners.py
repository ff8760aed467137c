"""Webhook endpoints, and telling them: signed, and again when they do not answer."""

import hashlib
import hmac
import json
import logging
import secrets
import time
from typing import Any

import httpx

from local.doubles.faults import Faults
from local.stripe.call import API_VERSION, Call, Route, told
from local.stripe.errors import StripeError
from local.stripe.params import Params
from local.stripe.store import Object, Store

RETRIES_AFTER_S = (1.0, 5.0, 30.0)
"""Stripe's sandboxes try three times more, over hours; nobody has hours here."""
TIMEOUT_S = 20.0
MAX_EVENTS_A_TURN = 100
SECRET_BYTES = 24
LOSES, REPEATS, FORGES = "webhook_lost", "webhook_twice", "webhook_forged"
log = logging.getLogger(__name__)


def create(call: Call, params: Params) -> Object:
    events = params.texts("enabled_events")
    if not events:
        raise StripeError("Missing required param: enabled_events.", param="enabled_events")
    endpoint = call.store.add(
        "webhook_endpoint",
        "we",
        {"url": params.get_text("url"), "enabled_events": events, "status": "enabled"}
        | {"api_version": params.text("api_version") or API_VERSION}
        | {"description": params.text("description"), "metadata": params.metadata()}
        | {"_secret": f"whsec_{secrets.token_hex(SECRET_BYTES)}"},
        call.store.now_s(),
    )
    return told(endpoint) | {"secret": endpoint["_secret"]}


def update(call: Call, params: Params, id_: str) -> Object:
    endpoint = call.store.get("webhook_endpoint", id_)
    fields: dict[str, Any] = {"metadata": params.metadata(endpoint["metadata"])}
    if "url" in params:
        fields["url"] = params.get_text("url")
    if "enabled_events" in params:
        fields["enabled_events"] = params.texts("enabled_events")
    if "disabled" in params:
        fields["status"] = "disabled" if params.flag("disabled") else "enabled"
    call.store.change(endpoint, **fields)
    return endpoint


def delete(call: Call, params: Params, id_: str) -> Object:
    call.store.remove(call.store.get("webhook_endpoint", id_))
    return {"id": id_, "object": "webhook_endpoint", "deleted": True}


class Postman:
    """Brings events to those who listen, one turn at a time."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store = store
        self._faults = faults
        self._due: dict[tuple[str, str], float] = {}

    async def turn(self, client: httpx.AsyncClient) -> None:
        """Try whatever is due, the oldest first."""
        waiting = [event for event in self._store.all("event") if event["_undelivered"]]
        for event in list(reversed(waiting))[:MAX_EVENTS_A_TURN]:
            for endpoint in list(event["_undelivered"]):
                if self._due.get((event["id"], endpoint), 0) <= time.monotonic():
                    await self._bring(client, event, endpoint)

    async def _bring(self, client: httpx.AsyncClient, event: Object, id_: str) -> None:
        endpoint = self._store.find(id_)
        taken = endpoint is None or endpoint["status"] != "enabled"
        if endpoint and not taken:
            taken = await self._post(client, event, endpoint)
        tried = event["_undelivered"].pop(id_)
        if not taken and tried < len(RETRIES_AFTER_S):
            event["_undelivered"][id_] = tried + 1
            self._due[event["id"], id_] = time.monotonic() + RETRIES_AFTER_S[tried]
        else:
            self._due.pop((event["id"], id_), None)
        self._store.change(event, pending_webhooks=len(event["_undelivered"]))
        self._store.commit()

    async def _post(self, client: httpx.AsyncClient, event: Object, endpoint: Object) -> bool:
        fault = self._faults.take(frozenset({LOSES, REPEATS, FORGES}), event["type"])
        if fault and fault.kind == LOSES:
            return True
        body = json.dumps(told(event), indent=2).encode()
        secret = "whsec_of_somebody_else" if fault and fault.kind == FORGES else endpoint["_secret"]
        headers = {"Stripe-Signature": sign(body, secret), "User-Agent": "Stripe/1.0"}
        headers["Content-Type"] = "application/json; charset=utf-8"
        try:
            answer = await client.post(endpoint["url"], content=body, headers=headers)
            if fault and fault.kind == REPEATS:
                answer = await client.post(endpoint["url"], content=body, headers=headers)
        except httpx.HTTPError as error:
            log.warning("%s was not taken by %s: %r", event["type"], endpoint["url"], error)
            return False
        if not answer.is_success:
            log.warning("%s: %s answered %s", event["type"], endpoint["url"], answer.status_code)
        return answer.is_success


def sign(body: bytes, secret: str, at_s: int | None = None) -> str:
    """The header `Stripe-Signature` of a body: its time, and an HMAC of both."""
    stamp = str(int(time.time()) if at_s is None else at_s)
    digest = hmac.digest(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hex()
    return f"t={stamp},v1={digest}"


ROUTES = (
    Route("POST", "/v1/webhook_endpoints", create, "WebhookEndpointCreateParams"),
    Route("POST", "/v1/webhook_endpoints/{id}", update, "WebhookEndpointUpdateParams"),
    Route("DELETE", "/v1/webhook_endpoints/{id}", delete),
)
