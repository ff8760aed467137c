"""Customers, and what they pay with."""

import hashlib
from typing import Any

from local.stripe.call import Call, Route, page, told
from local.stripe.cards import BY_NAME, BY_NUMBER, DECLINES, SET_UP_ALREADY, Card, error_code
from local.stripe.errors import StripeError, required
from local.stripe.params import Params
from local.stripe.store import Object

EXPIRY_YEAR = 2034
_TEXTS = ("name", "email", "phone", "description", "tax_exempt")
_MAPPINGS = ("address", "shipping")
_NO_BILLING = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}
_FAILING_IBANS = ("AT86", "IT60")


def create(call: Call, params: Params) -> Object:
    clock = params.text("test_clock")
    if clock:
        call.store.get("test_helpers.test_clock", clock, "test_clock")
    fields = _given(params) | {
        "balance": params.whole("balance") or 0,
        "delinquent": False,
        "metadata": params.metadata(),
        "invoice_settings": {"default_payment_method": None, "custom_fields": None, "footer": None},
        "invoice_prefix": hashlib.sha256(repr(params.names()).encode()).hexdigest()[:8].upper(),
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": params.text("tax_exempt") or "none",
        "test_clock": clock,
    }
    customer = call.store.add("customer", "cus", fields, call.store.now_s())
    if clock:
        call.store.change(customer, created=call.store.now_s(customer["id"]))
    _settle(call, customer, params)
    call.emit("customer.created", customer)
    return customer


def update(call: Call, params: Params, id_: str) -> Object:
    customer = call.store.get("customer", id_)
    fields = _given(params) | {"metadata": params.metadata(customer["metadata"])}
    previous = call.store.change(customer, **fields)
    before = dict(customer["invoice_settings"])
    _settle(call, customer, params)
    if customer["invoice_settings"] != before:
        previous["invoice_settings"] = before
    call.emit("customer.updated", customer, previous)
    return customer


def _given(params: Params) -> dict[str, Any]:
    texts = {name: params.text(name) for name in _TEXTS if name in params}
    return texts | {name: params.plain(name) for name in _MAPPINGS if name in params}


def _settle(call: Call, customer: Object, params: Params) -> None:
    """What a customer pays with by default."""
    method = params.text("payment_method") or params.text("source")
    if method:
        attach_to(call, find(call, method), customer["id"])
    settings = params.nested("invoice_settings")
    if "default_payment_method" in settings:
        default = settings.text("default_payment_method")
        if default:
            default = owned(call, default, customer["id"])["id"]
        call.store.change(
            customer,
            invoice_settings=customer["invoice_settings"] | {"default_payment_method": default},
        )


def delete(call: Call, params: Params, id_: str) -> Object:
    customer = call.store.get("customer", id_)
    call.emit("customer.deleted", customer)
    for method in list(call.store.all("payment_method", lambda one: one["customer"] == id_)):
        call.store.change(method, customer=None)
    call.store.remove(customer)
    return {"id": id_, "object": "customer", "deleted": True}


def find(call: Call, id_: str, param: str = "payment_method") -> Object:
    """A payment method by its id, or a fresh one of a test card by its `pm_card_` or `tok_` name.
    Raises StripeError."""
    for prefix in ("pm_card_", "tok_"):
        card = BY_NAME.get(id_.removeprefix(prefix))
        if id_.startswith(prefix) and card:
            return _of_card(call, card, {})
    return call.store.get("payment_method", id_, param)


def owned(call: Call, id_: str, customer: str | None) -> Object:
    """`find`, attached to this customer; raises StripeError for one of another."""
    method = find(call, id_)
    if method["customer"] is None and customer:
        attach_to(call, method, customer)
    if method["customer"] != customer:
        raise StripeError(
            f"The payment method {method['id']} does not belong to the customer.",
            param="payment_method",
        )
    return method


def new_method(call: Call, params: Params) -> Object:
    kind = params.get_text("type")
    billing = _NO_BILLING | (params.plain("billing_details") or {})
    if kind == "sepa_debit":
        return _of_iban(call, params.nested("sepa_debit").get_text("iban"), billing)
    if kind != "card":
        raise StripeError(f"Invalid type: this account does not take {kind}.", param="type")
    given = params.nested("card")
    token = given.text("token")
    card = BY_NAME.get(token.removeprefix("tok_")) if token else BY_NUMBER.get(_number(given))
    if card is None:
        raise StripeError(
            "Your card number is incorrect.",
            kind="card_error",
            code="incorrect_number",
            param="number",
        )
    method = _of_card(call, card, billing)
    call.store.change(method, metadata=params.metadata())
    return method


def _number(card: Params) -> str:
    if "number" not in card:
        raise required("card[number]")
    return card.get_text("number").replace(" ", "")


def _of_card(call: Call, card: Card, billing: dict[str, Any]) -> Object:
    shown = {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None}
        | {"cvc_check": "pass"},
        "country": "US",
        "display_brand": card.brand,
        "exp_month": 12,
        "exp_year": EXPIRY_YEAR,
        "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
        "funding": "credit",
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
    return call.store.add(
        "payment_method",
        "pm",
        {"type": "card", "card": shown, "billing_details": _NO_BILLING | billing, "metadata": {}}
        | {"allow_redisplay": "unspecified"}
        | {"_card": card.name, "_set_up": card.name == SET_UP_ALREADY},
        call.store.now_s(),
    )


def _of_iban(call: Call, iban: str, billing: dict[str, Any]) -> Object:
    shown = {
        "bank_code": iban[4:9],
        "branch_code": "",
        "country": iban[:2],
        "fingerprint": hashlib.sha256(iban.encode()).hexdigest()[:16],
        "generated_from": None,
        "last4": iban[-4:],
    }
    return call.store.add(
        "payment_method",
        "pm",
        {"type": "sepa_debit", "sepa_debit": shown, "billing_details": billing, "metadata": {}}
        | {"_card": "visa", "_set_up": True, "_fails": iban.startswith(_FAILING_IBANS)},
        call.store.now_s(),
    )


def card_of(method: Object) -> Card:
    return BY_NAME[method["_card"]]


def declined(decline: str, **more: Any) -> StripeError:
    return StripeError(
        DECLINES[decline],
        kind="card_error",
        code=error_code(decline),
        decline_code=decline,
        **more,
    )


def attach_to(call: Call, method: Object, customer: str) -> Object:
    """Raises StripeError when its bank declines even that, or it is another customer's."""
    call.store.get("customer", customer, "customer")
    card = card_of(method)
    if card.rejected and card.declines:
        raise declined(card.declines)
    if method["customer"] not in {None, customer}:
        raise StripeError(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    if method["customer"] is None:
        call.store.change(method, customer=customer)
        call.emit("payment_method.attached", method)
    return method


def attach(call: Call, params: Params, id_: str) -> Object:
    return attach_to(call, find(call, id_), params.get_text("customer"))


def detach(call: Call, params: Params, id_: str) -> Object:
    method = call.store.get("payment_method", id_)
    owner = call.store.find(method["customer"])
    if owner is None:
        raise StripeError("The payment method you provided is not attached to a customer.")
    previous = call.store.change(method, customer=None)
    if owner["invoice_settings"]["default_payment_method"] == id_:
        settings = owner["invoice_settings"] | {"default_payment_method": None}
        call.store.change(owner, invoice_settings=settings)
    call.emit("payment_method.detached", method, previous)
    return method


def update_method(call: Call, params: Params, id_: str) -> Object:
    method = call.store.get("payment_method", id_)
    fields: dict[str, Any] = {"metadata": params.metadata(method["metadata"])}
    if "billing_details" in params:
        billing = params.plain("billing_details") or {}
        fields["billing_details"] = method["billing_details"] | billing
    if "card" in params:
        year = params.nested("card").whole("exp_year") or method["card"]["exp_year"]
        month = params.nested("card").whole("exp_month") or method["card"]["exp_month"]
        fields["card"] = method["card"] | {"exp_year": year, "exp_month": month}
    call.emit("payment_method.updated", method, call.store.change(method, **fields))
    return method


def list_methods(call: Call, params: Params) -> Object:
    return page(call, params, "payment_method", "customer", "type")


def methods_of(call: Call, params: Params, id_: str) -> Object:
    owned_by = Params({"customer": id_} | {name: params.text(name) for name in params.names()})
    return page(call, owned_by, "payment_method", "customer", "type")


def method_of(call: Call, params: Params, customer: str, id_: str) -> Object:
    method = call.store.get("payment_method", id_)
    if method["customer"] != customer:
        raise StripeError("No such payment method of this customer.", status=404)
    return told(method)


ROUTES = (
    Route("POST", "/v1/customers", create, "CustomerCreateParams"),
    Route("POST", "/v1/customers/{id}", update, "CustomerUpdateParams"),
    Route("DELETE", "/v1/customers/{id}", delete),
    Route("GET", "/v1/customers/{id}/payment_methods", methods_of),
    Route("GET", "/v1/customers/{customer}/payment_methods/{id}", method_of),
    Route("GET", "/v1/payment_methods", list_methods, "PaymentMethodListParams"),
    Route("POST", "/v1/payment_methods", new_method, "PaymentMethodCreateParams"),
    Route("POST", "/v1/payment_methods/{id}", update_method, "PaymentMethodUpdateParams"),
    Route("POST", "/v1/payment_methods/{id}/attach", attach, "PaymentMethodAttachParams"),
    Route("POST", "/v1/payment_methods/{id}/detach", detach, "PaymentMethodDetachParams"),
)
