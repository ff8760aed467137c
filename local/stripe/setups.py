"""SetupIntents: keeping a card for later use, authenticated where it takes that."""

from typing import Any

from local.stripe import customers
from local.stripe.authentication import challenge, failed
from local.stripe.call import Call, Route
from local.stripe.customers import card_of, declined
from local.stripe.errors import StripeError
from local.stripe.params import Params
from local.stripe.store import Object, secret_of

_ENDED = frozenset({"succeeded", "canceled"})


def create(call: Call, params: Params) -> Object:
    customer = params.text("customer")
    if customer:
        call.store.get("customer", customer, "customer")
    setup = call.store.add(
        "setup_intent",
        "seti",
        {
            "status": "requires_payment_method",
            "customer": customer,
            "description": params.text("description"),
            "metadata": params.metadata(),
            "payment_method_types": params.texts("payment_method_types") or ["card"],
            "usage": params.text("usage") or "off_session",
            "_return_url": params.text("return_url"),
        },
        call.store.now_s(customer),
    )
    call.store.change(setup, client_secret=secret_of(setup["id"]))
    call.emit("setup_intent.created", setup)
    return _choose(call, setup, params)


def update(call: Call, params: Params, id_: str) -> Object:
    setup = _open(call, id_)
    call.store.change(setup, metadata=params.metadata(setup["metadata"]))
    return _choose(call, setup, params)


def confirm(call: Call, params: Params, id_: str) -> Object:
    setup = _open(call, id_)
    if "return_url" in params:
        call.store.change(setup, _return_url=params.text("return_url"))
    _choose(call, setup, params)
    if setup["payment_method"] is None:
        raise StripeError("You cannot confirm this SetupIntent because it has no payment method.")
    return set_up(call, setup) if setup["status"] not in _ENDED else setup


def _choose(call: Call, setup: Object, params: Params) -> Object:
    method = params.text("payment_method")
    if method:
        found = customers.find(call, method)
        call.store.change(setup, payment_method=found["id"], status="requires_confirmation")
    return set_up(call, setup) if params.flag("confirm") else setup


def set_up(call: Call, setup: Object) -> Object:
    """Raises StripeError for a card that is declined."""
    method = call.store.get("payment_method", setup["payment_method"])
    card = card_of(method)
    if card.rejected and card.declines:
        error = declined(card.declines, payment_method=method["id"])
        return _fail(call, setup, error)
    if card.authenticates != "never" and not method["_set_up"]:
        challenge(call, setup, "setup_intent")
        return setup
    return succeed(call, setup)


def succeed(call: Call, setup: Object) -> Object:
    method = call.store.get("payment_method", setup["payment_method"])
    call.store.change(method, _set_up=True)
    if setup["customer"]:
        customers.attach_to(call, method, setup["customer"])
    call.store.change(setup, status="succeeded", next_action=None, last_setup_error=None)
    call.emit("setup_intent.succeeded", setup)
    return setup


def fail_authentication(call: Call, setup: Object) -> Object:
    fields: dict[str, Any] = {"status": "requires_payment_method", "payment_method": None}
    error = failed("setup_intent_authentication_failure")
    call.store.change(setup, **fields, next_action=None, last_setup_error=error.body["error"])
    call.emit("setup_intent.setup_failed", setup)
    return setup


def _fail(call: Call, setup: Object, error: StripeError) -> Object:
    kept = dict(error.body["error"])
    call.store.change(setup, status="requires_payment_method", last_setup_error=kept)
    call.emit("setup_intent.setup_failed", setup)
    error.body["error"]["setup_intent"] = setup
    raise error


def cancel(call: Call, params: Params, id_: str) -> Object:
    setup = _open(call, id_)
    reason = params.text("cancellation_reason")
    call.store.change(setup, status="canceled", cancellation_reason=reason, next_action=None)
    call.emit("setup_intent.canceled", setup)
    return setup


def _open(call: Call, id_: str) -> Object:
    setup = call.store.get("setup_intent", id_)
    if setup["status"] in _ENDED:
        raise StripeError(
            f"This SetupIntent has a status of {setup['status']}.",
            code="setup_intent_unexpected_state",
            setup_intent=setup,
        )
    return setup


ROUTES = (
    Route("POST", "/v1/setup_intents", create, "SetupIntentCreateParams"),
    Route("POST", "/v1/setup_intents/{id}", update, "SetupIntentUpdateParams"),
    Route("POST", "/v1/setup_intents/{id}/confirm", confirm, "SetupIntentConfirmParams"),
    Route("POST", "/v1/setup_intents/{id}/cancel", cancel, "SetupIntentCancelParams"),
)
