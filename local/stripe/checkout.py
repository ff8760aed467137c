"""Checkout: a session whose page takes a card and pays, sets up, or subscribes."""

from typing import Any

from local.stripe import catalog, customers, payments, setups, taxes
from local.stripe.call import Call, Route, cut, told
from local.stripe.errors import StripeError, required
from local.stripe.params import Params
from local.stripe.store import Object

LIFE_S = 24 * 3600
MIN_LIFE_S = 30 * 60
_MODES = ("payment", "setup", "subscription")
_TEXTS = ("success_url", "cancel_url", "return_url", "client_reference_id", "customer_email")


def create(call: Call, params: Params) -> Object:
    mode = params.one_of("mode", _MODES)
    if mode is None:
        raise required("mode")
    if mode == "subscription":
        raise StripeError("This double has no subscriptions.", param="mode")
    customer = params.text("customer")
    owner = call.store.get("customer", customer, "customer") if customer else None
    now_s = call.store.now_s(customer)
    session = call.store.add(
        "checkout.session",
        "cs_test",
        {
            "automatic_tax": _automatic_tax(params),
            "created": now_s,
            "custom_fields": [],
            "custom_text": dict.fromkeys(
                ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
            ),
            "customer": customer,
            "customer_creation": None if customer else params.text("customer_creation"),
            "expires_at": _expiry(params, now_s),
            "metadata": params.metadata(),
            "mode": mode,
            "payment_method_collection": "always",
            "payment_method_types": params.texts("payment_method_types") or ["card"],
            "payment_status": "no_payment_required" if mode == "setup" else "unpaid",
            "shipping_options": [],
            "status": "open",
            "ui_mode": params.text("ui_mode") or "hosted_page",
            **{name: params.text(name) for name in _TEXTS},
            "_intent_data": params.plain("payment_intent_data")
            or params.plain("setup_intent_data")
            or {},
            "_lines": [_line(call, line) for line in params.each("line_items")],
        },
        now_s,
    )
    if mode == "payment" and not session["_lines"]:
        raise required("line_items")
    call.store.change(session, url=f"{call.site}/pay/{session['id']}", line_items=None)
    _price(call, session, owner.get("address") if owner else None)
    return session


def _automatic_tax(params: Params) -> dict[str, Any]:
    enabled = params.nested("automatic_tax").flag("enabled")
    status = "requires_location_inputs" if enabled else None
    return {"enabled": enabled, "liability": None, "provider": None, "status": status}


def _expiry(params: Params, now_s: int) -> int:
    wanted = params.whole("expires_at")
    if wanted is not None and not MIN_LIFE_S <= wanted - now_s <= LIFE_S:
        raise StripeError("It expires within 30 minutes to 24 hours.", param="expires_at")
    return wanted or now_s + LIFE_S


def _line(call: Call, params: Params) -> dict[str, Any]:
    if "price" in params:
        price = call.store.get("price", params.get_text("price"), params.path("price"))
    else:
        price = catalog.inline_price(call, params.nested("price_data"))
    quantity = params.whole("quantity") or 1
    if quantity < 1:
        raise StripeError("Invalid positive integer", param=params.path("quantity"))
    return {"price": price["id"], "quantity": quantity}


def _price(call: Call, session: Object, address: Object | None) -> None:
    """Amounts, with tax where the session asks for it and the customer's place is known."""
    prices = [call.store.get("price", line["price"]) for line in session["_lines"]]
    if not prices:
        return
    net = sum(
        price["unit_amount"] * line["quantity"]
        for price, line in zip(prices, session["_lines"], strict=True)
    )
    wanted = session["automatic_tax"]["enabled"] and address
    tax = taxes.tax_on(net, address) if wanted else 0
    status = {"status": "complete"} if wanted else {}
    call.store.change(
        session,
        currency=prices[0]["currency"],
        amount_subtotal=net,
        amount_total=net + tax,
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": tax},
        automatic_tax=session["automatic_tax"] | status,
    )


def line_items(call: Call, params: Params, id_: str) -> Object:
    session = call.store.get("checkout.session", id_)
    lines = []
    for number, line in enumerate(session["_lines"]):
        price = call.store.get("price", line["price"])
        net = price["unit_amount"] * line["quantity"]
        share = session["total_details"]["amount_tax"] if len(session["_lines"]) == 1 else 0
        lines.append(
            {"id": f"li_{id_[-20:]}{number}", "object": "item", "price": told(price)}
            | {"quantity": line["quantity"], "currency": price["currency"]}
            | {"amount_subtotal": net, "amount_tax": share, "amount_discount": 0}
            | {"amount_total": net + share, "description": price["nickname"]}
            | {"created": session["created"]}
        )
    return cut(lines, params, f"/v1/checkout/sessions/{id_}/line_items")


def page_of(call: Call, params: Params, id_: str) -> Object:
    """What Stripe's own page reads of the session."""
    return call.store.get("checkout.session", id_)


def pay(call: Call, params: Params, id_: str) -> Object:
    """What the page's button does. Raises StripeError for a card that is declined: the session
    stays open."""
    session = _open(call, id_)
    expected = params.whole("expected_amount")
    method = customers.find(call, params.get_text("payment_method"))
    details = _details(session, method)
    owner = call.store.find(session["customer"])
    _price(call, session, (owner or {}).get("address") or details["address"])
    if expected not in {None, session["amount_total"]}:
        raise StripeError("The amount of this session has changed.", code="checkout_amount_changed")
    call.store.change(session, customer_details=details)
    if owner is None and session["customer_creation"] == "always":
        given = {name: details[name] for name in ("email", "name", "address") if details[name]}
        call.store.change(session, customer=customers.create(call, Params(given))["id"])
    if session["mode"] == "setup":
        return _set_up(call, session, method)
    return _charge(call, session, method)


def _details(session: Object, method: Object) -> dict[str, Any]:
    billing = method["billing_details"]
    own = {name: billing[name] for name in ("address", "name", "phone")}
    email = session["customer_email"] or billing["email"]
    return (
        own
        | {"email": email, "tax_exempt": "none", "tax_ids": []}
        | {
            "business_name": None,
            "individual_name": None,
        }
    )


def _set_up(call: Call, session: Object, method: Object) -> Object:
    own = session["_intent_data"] | {"payment_method": method["id"], "confirm": "true"}
    own |= {"return_url": session["success_url"]}
    own |= {"customer": session["customer"]} if session["customer"] else {}
    setup = setups.create(call, Params(own))
    call.store.change(setup, _session=session["id"])
    call.store.change(session, setup_intent=setup["id"])
    if setup["status"] == "succeeded":
        complete(call, session)
    return session


def _charge(call: Call, session: Object, method: Object) -> Object:
    payment = call.store.find(session["payment_intent"])
    if payment is None:
        own = Params(session["_intent_data"] | {"return_url": session["success_url"]})
        parts = (session["amount_total"], session["currency"], session["customer"])
        payment = payments.new(call, own, *parts)
        types = session["payment_method_types"]
        call.store.change(payment, payment_method_types=types, _session=session["id"])
        call.store.change(session, payment_intent=payment["id"])
        call.emit("payment_intent.created", payment)
    call.store.change(payment, payment_method=method["id"], amount=session["amount_total"])
    payments.attempt(call, payment, off_session=False)
    if payment["status"] in {"succeeded", "processing"}:
        complete(call, session)
    return session


def complete(call: Call, session: Object) -> None:
    payment = call.store.find(session["payment_intent"])
    paid = payment is not None and payment["status"] == "succeeded"
    status = "paid" if paid else session["payment_status"]
    call.store.change(session, status="complete", payment_status=status, url=None)
    call.emit("checkout.session.completed", session)


def follow(call: Call, intent: Object) -> None:
    """An intent went on by itself, after authentication or a bank's delay: so does its session."""
    session = call.store.find(intent.get("_session"))
    if session is None:
        return
    if session["status"] == "open" and intent["status"] in {"succeeded", "processing"}:
        complete(call, session)
    elif session["status"] == "complete" and session["payment_status"] == "unpaid":
        paid = intent["status"] == "succeeded"
        call.store.change(session, payment_status="paid" if paid else "unpaid")
        call.emit(f"checkout.session.async_payment_{'succeeded' if paid else 'failed'}", session)


def expire(call: Call, params: Params, id_: str) -> Object:
    session = _open(call, id_)
    call.store.change(session, status="expired", url=None)
    call.emit("checkout.session.expired", session)
    return session


def _open(call: Call, id_: str) -> Object:
    session = call.store.get("checkout.session", id_)
    if session["status"] != "open":
        raise StripeError(
            f"Only sessions with a status of open can do this; it is {session['status']}.",
            code="resource_missing",
        )
    return session


ROUTES = (
    Route("POST", "/v1/checkout/sessions", create, "checkout.SessionCreateParams"),
    Route("GET", "/v1/checkout/sessions/{id}/line_items", line_items),
    Route("POST", "/v1/checkout/sessions/{id}/expire", expire, "checkout.SessionExpireParams"),
    Route("GET", "/v1/payment_pages/{id}", page_of),
    Route("POST", "/v1/payment_pages/{id}/confirm", pay),
)
