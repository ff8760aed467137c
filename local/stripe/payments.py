"""PaymentIntents, from their creation to their end, and the charges that they make."""

from typing import Any

from local.stripe import customers, disputes
from local.stripe.authentication import challenge, failed
from local.stripe.call import Call, Route
from local.stripe.cards import DECLINES, error_code
from local.stripe.customers import card_of, declined
from local.stripe.errors import StripeError
from local.stripe.params import Params
from local.stripe.store import Object, secret_of

MIN_AMOUNT = 50
MAX_AMOUNT = 99_999_999
FEE_FIXED = 30
FEE_PER_MILLE = 29
_ENDED = frozenset({"succeeded", "canceled"})
_TEXTS = (
    "description",
    "receipt_email",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
)


def create(call: Call, params: Params) -> Object:
    customer = params.text("customer")
    if customer:
        call.store.get("customer", customer, "customer")
    payment = new(call, params, _amount(params), params.get_text("currency").lower(), customer)
    _choose(call, payment, params)
    call.emit("payment_intent.created", payment)
    if params.flag("confirm"):
        return attempt(call, payment, off_session=params.flag("off_session"))
    return payment


def new(call: Call, params: Params, amount: int, currency: str, customer: str | None) -> Object:
    """One that nobody has chosen a payment method for, with the fields that `params` give."""
    automatic = params.plain("automatic_payment_methods")
    payment = call.store.add(
        "payment_intent",
        "pi",
        {
            "amount": amount,
            "amount_capturable": 0,
            "amount_received": 0,
            "automatic_payment_methods": {"enabled": True} if automatic else None,
            "capture_method": params.text("capture_method") or "automatic_async",
            "confirmation_method": params.text("confirmation_method") or "automatic",
            "currency": currency,
            "customer": customer,
            "metadata": params.metadata(),
            "payment_method_types": params.texts("payment_method_types") or ["card"],
            "shipping": params.plain("shipping"),
            "status": "requires_payment_method",
            "_return_url": params.text("return_url"),
            **{name: params.text(name) for name in _TEXTS},
        },
        call.store.now_s(customer),
    )
    call.store.change(payment, client_secret=secret_of(payment["id"]))
    return payment


def _amount(params: Params) -> int:
    amount = params.get_whole("amount")
    if amount < MIN_AMOUNT:
        raise StripeError(
            "Amount must be at least $0.50 usd.", code="amount_too_small", param="amount"
        )
    if amount > MAX_AMOUNT:
        raise StripeError(
            "Amount must be no more than $999,999.99.", code="amount_too_large", param="amount"
        )
    return amount


def _choose(call: Call, payment: Object, params: Params) -> None:
    if "return_url" in params:
        call.store.change(payment, _return_url=params.text("return_url"))
    method = _method(call, params)
    if method is None:
        return
    if method["customer"] and method["customer"] != payment["customer"]:
        raise StripeError(
            f"The payment method {method['id']} belongs to a customer; name it as `customer`.",
            param="payment_method",
        )
    call.store.change(payment, payment_method=method["id"], status="requires_confirmation")


def _method(call: Call, params: Params) -> Object | None:
    if "payment_method_data" in params:
        return customers.new_method(call, params.nested("payment_method_data"))
    chosen = params.text("payment_method")
    return customers.find(call, chosen) if chosen else None


def update(call: Call, params: Params, id_: str) -> Object:
    payment = _open(call, id_)
    fields: dict[str, Any] = {name: params.text(name) for name in _TEXTS if name in params}
    if "amount" in params:
        fields["amount"] = _amount(params)
    call.store.change(payment, metadata=params.metadata(payment["metadata"]), **fields)
    _choose(call, payment, params)
    return payment


def confirm(call: Call, params: Params, id_: str) -> Object:
    payment = _open(call, id_)
    if "setup_future_usage" in params:
        call.store.change(payment, setup_future_usage=params.text("setup_future_usage"))
    _choose(call, payment, params)
    if payment["payment_method"] is None:
        raise StripeError(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
            payment_intent=payment,
        )
    return attempt(call, payment, off_session=params.flag("off_session"))


def attempt(call: Call, payment: Object, *, off_session: bool) -> Object:
    """Charge the chosen method. Raises StripeError for a decline; the intent waits for another."""
    method = call.store.get("payment_method", payment["payment_method"])
    card = card_of(method)
    if method["type"] == "sepa_debit":
        call.store.change(payment, status="processing", _due=call.store.now_s())
        call.emit("payment_intent.processing", payment)
        return payment
    needed = card.authenticates == "always" or (
        card.authenticates == "until_set_up" and not method["_set_up"]
    )
    if needed and off_session:
        return decline(call, payment, "authentication_required")
    if needed:
        challenge(call, payment, "payment_intent")
        return payment
    return finish(call, payment)


def finish(call: Call, payment: Object) -> Object:
    """What follows authentication, or the lack of any need for it."""
    method = call.store.get("payment_method", payment["payment_method"])
    card = card_of(method)
    if card.declines:
        return decline(call, payment, card.declines)
    if payment["setup_future_usage"] and payment["customer"]:
        customers.attach_to(call, method, payment["customer"])
        call.store.change(method, _set_up=True)
    if payment["capture_method"] == "manual":
        charge = _charge(call, payment, captured=False)
        fields = {"status": "requires_capture", "amount_capturable": payment["amount"]}
        call.store.change(payment, latest_charge=charge["id"], next_action=None, **fields)
        call.emit("charge.succeeded", charge)
        call.emit("payment_intent.amount_capturable_updated", payment)
        return payment
    return _succeed(call, payment, _charge(call, payment, captured=True))


def _succeed(call: Call, payment: Object, charge: Object) -> Object:
    received = {"amount_received": charge["amount_captured"], "amount_capturable": 0}
    call.store.change(
        payment,
        status="succeeded",
        latest_charge=charge["id"],
        next_action=None,
        last_payment_error=None,
        **received,
    )
    call.emit("charge.succeeded", charge)
    call.emit("payment_intent.succeeded", payment)
    disputes.follow(call, charge)
    return payment


def decline(call: Call, payment: Object, reason: str) -> Object:
    """Raises StripeError with the intent as it is after the failed charge."""
    method = call.store.get("payment_method", payment["payment_method"])
    charge = _charge(call, payment, captured=False)
    call.store.change(
        charge,
        status="failed",
        paid=False,
        failure_code=error_code(reason),
        failure_message=DECLINES[reason],
        outcome=charge["outcome"]
        | {"network_status": "declined_by_network", "reason": reason, "type": "issuer_declined"},
    )
    error = declined(reason, charge=charge["id"], payment_method=method)
    call.store.change(
        payment,
        status="requires_payment_method",
        payment_method=None,
        latest_charge=charge["id"],
        next_action=None,
        last_payment_error=dict(error.body["error"]),
    )
    call.emit("charge.failed", charge)
    call.emit("payment_intent.payment_failed", payment)
    error.body["error"]["payment_intent"] = payment
    raise error


def fail_authentication(call: Call, payment: Object) -> Object:
    error = failed("payment_intent_authentication_failure")
    call.store.change(
        payment,
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error=error.body["error"],
    )
    call.emit("payment_intent.payment_failed", payment)
    return payment


def clear(call: Call, payment: Object) -> Object:
    """End a debit that its bank took its time for."""
    method = call.store.get("payment_method", payment["payment_method"])
    if not method["_fails"]:
        return finish(call, payment)
    try:
        return decline(call, payment, "generic_decline")
    except StripeError:  # nobody waits for it: the events tell
        return payment


def _charge(call: Call, payment: Object, *, captured: bool) -> Object:
    method = call.store.get("payment_method", payment["payment_method"])
    kind, amount = method["type"], payment["amount"]
    risk = {"risk_level": "normal", "risk_score": 32, "rule": None}
    charge = call.store.add(
        "charge",
        "ch",
        {
            "amount": amount,
            "amount_captured": amount if captured else 0,
            "amount_refunded": 0,
            "billing_details": method["billing_details"],
            "captured": captured,
            "currency": payment["currency"],
            "customer": payment["customer"],
            "description": payment["description"],
            "disputed": False,
            "fraud_details": {},
            "metadata": dict(payment["metadata"]),
            "outcome": {"network_status": "approved_by_network", "reason": None}
            | {"seller_message": "Payment complete.", "type": "authorized"}
            | risk,
            "paid": True,
            "payment_intent": payment["id"],
            "payment_method": method["id"],
            "payment_method_details": {kind: dict(method[kind]), "type": kind},
            "refunded": False,
            "status": "succeeded",
        },
        call.store.now_s(payment["customer"]),
    )
    call.store.change(charge, receipt_url=f"{call.site}/receipts/{charge['id']}")
    if captured:
        call.store.change(charge, balance_transaction=_book(call, charge)["id"])
    return charge


def _book(call: Call, charge: Object) -> Object:
    amount = charge["amount"]
    fee = FEE_FIXED + amount * FEE_PER_MILLE // 1000
    return call.store.add(
        "balance_transaction",
        "txn",
        {"amount": amount, "currency": charge["currency"], "fee": fee, "net": amount - fee}
        | {"type": "charge", "source": charge["id"], "status": "pending", "fee_details": []}
        | {"available_on": charge["created"], "reporting_category": "charge"}
        | {"balance_type": "payments"},
        charge["created"],
    )


def capture(call: Call, params: Params, id_: str) -> Object:
    payment = call.store.get("payment_intent", id_)
    if payment["status"] != "requires_capture":
        raise _unexpected(payment, "captured")
    amount = params.whole("amount_to_capture") or payment["amount_capturable"]
    if amount > payment["amount_capturable"]:
        raise StripeError("The amount to capture is above what was authorized.", param="amount")
    charge = call.store.get("charge", payment["latest_charge"])
    call.store.change(charge, captured=True, amount_captured=amount)
    call.store.change(charge, balance_transaction=_book(call, charge)["id"])
    fields = {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
    call.store.change(payment, **fields)
    call.emit("charge.captured", charge)
    call.emit("payment_intent.succeeded", payment)
    return payment


def cancel(call: Call, params: Params, id_: str) -> Object:
    payment = _open(call, id_)
    if payment["status"] == "processing":
        raise _unexpected(payment, "canceled")
    call.store.change(
        payment,
        status="canceled",
        canceled_at=call.store.now_s(payment["customer"]),
        cancellation_reason=params.text("cancellation_reason"),
        amount_capturable=0,
        next_action=None,
    )
    call.emit("payment_intent.canceled", payment)
    return payment


def _open(call: Call, id_: str) -> Object:
    payment = call.store.get("payment_intent", id_)
    if payment["status"] in _ENDED:
        raise _unexpected(payment, "changed")
    return payment


def _unexpected(payment: Object, done: str) -> StripeError:
    return StripeError(
        f"This PaymentIntent could not be {done} because it has a status of {payment['status']}.",
        code="payment_intent_unexpected_state",
        payment_intent=payment,
    )


ROUTES = (
    Route("POST", "/v1/payment_intents", create, "PaymentIntentCreateParams"),
    Route("POST", "/v1/payment_intents/{id}", update, "PaymentIntentUpdateParams"),
    Route("POST", "/v1/payment_intents/{id}/confirm", confirm, "PaymentIntentConfirmParams"),
    Route("POST", "/v1/payment_intents/{id}/capture", capture, "PaymentIntentCaptureParams"),
    Route("POST", "/v1/payment_intents/{id}/cancel", cancel, "PaymentIntentCancelParams"),
)
