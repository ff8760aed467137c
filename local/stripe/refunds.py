"""Refunds, and charges as one may change them."""

from typing import Any

from local.stripe.call import Call, Route
from local.stripe.customers import card_of
from local.stripe.errors import StripeError, required
from local.stripe.params import Params
from local.stripe.store import Object

_REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(call: Call, params: Params) -> Object:
    charge = _charge(call, params)
    amount = params.whole("amount") or charge["amount_captured"] - charge["amount_refunded"]
    _check(charge, amount)
    outcome = card_of(call.store.get("payment_method", charge["payment_method"])).refund
    refund = call.store.add(
        "refund",
        "re",
        {
            "amount": amount,
            "charge": charge["id"],
            "currency": charge["currency"],
            "customer": charge["customer"],
            "destination_details": {"type": "card"},
            "metadata": params.metadata(),
            "payment_intent": charge["payment_intent"],
            "payment_method": charge["payment_method"],
            "reason": params.one_of("reason", _REASONS),
            "status": "pending" if outcome == "pending" else "succeeded",
            "_ends": None if outcome == "succeeded" else outcome,
            "_due": call.store.now_s(charge["customer"]) + 1,
        },
        call.store.now_s(charge["customer"]),
    )
    _count(call, charge, amount)
    call.emit("refund.created", refund)
    call.emit("charge.refunded", charge)
    return refund


def _charge(call: Call, params: Params) -> Object:
    named = params.text("charge")
    if named is None:
        payment = params.text("payment_intent")
        if payment is None:
            raise required("payment_intent")
        named = call.store.get("payment_intent", payment, "payment_intent")["latest_charge"]
    if named is None:
        raise StripeError("This PaymentIntent does not have a successful charge to refund.")
    return call.store.get("charge", named, "charge")


def _check(charge: Object, amount: int) -> None:
    """Raises StripeError for more than is left."""
    if charge["refunded"]:
        raise StripeError(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if charge["disputed"]:
        raise StripeError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    if charge["status"] != "succeeded" or not charge["captured"]:
        raise StripeError(f"Charge {charge['id']} has nothing to refund.", param="charge")
    left = charge["amount_captured"] - charge["amount_refunded"]
    if amount < 1:
        raise StripeError(
            "Invalid positive integer", code="parameter_invalid_integer", param="amount"
        )
    if amount > left:
        raise StripeError(
            f"Refund amount (${amount / 100:.2f}) is greater than unrefunded amount on charge "
            f"(${left / 100:.2f})",
            param="amount",
        )


def _count(call: Call, charge: Object, amount: int) -> None:
    refunded = charge["amount_refunded"] + amount
    whole = refunded == charge["amount_captured"]
    call.store.change(charge, amount_refunded=refunded, refunded=whole)


def settle(call: Call, refund: Object) -> None:
    """End one that its bank took its time for; a failed one gives the charge its amount back."""
    if refund["_ends"] == "failed":
        charge = call.store.get("charge", refund["charge"])
        _count(call, charge, -refund["amount"])
        fields = {"status": "failed", "failure_reason": "expired_or_canceled_card"}
        previous = call.store.change(refund, _ends=None, **fields)
        call.emit("refund.failed", refund)
    else:
        previous = call.store.change(refund, _ends=None, status="succeeded")
    call.emit("refund.updated", refund, previous)
    call.emit("charge.refund.updated", refund, previous)


def update(call: Call, params: Params, id_: str) -> Object:
    refund = call.store.get("refund", id_)
    previous = call.store.change(refund, metadata=params.metadata(refund["metadata"]))
    call.emit("refund.updated", refund, previous)
    call.emit("charge.refund.updated", refund, previous)
    return refund


def update_charge(call: Call, params: Params, id_: str) -> Object:
    charge = call.store.get("charge", id_)
    fields: dict[str, Any] = {"metadata": params.metadata(charge["metadata"])}
    if "description" in params:
        fields["description"] = params.text("description")
    call.emit("charge.updated", charge, call.store.change(charge, **fields))
    return charge


ROUTES = (
    Route("POST", "/v1/refunds", create, "RefundCreateParams"),
    Route("POST", "/v1/refunds/{id}", update, "RefundUpdateParams"),
    Route("POST", "/v1/charges/{id}", update_charge, "ChargeUpdateParams"),
)
