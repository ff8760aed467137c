"""The double of Stripe, judged by Stripe's own client: what it answers has the fields, the errors
and the signatures that the client knows."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
import stripe

from local.stripe import shapes
from tests.local.conftest import ROOT

pytestmark = pytest.mark.xdist_group("stripe")
PATIENCE_S = 20
LINE = {"currency": "usd", "unit_amount": 2000, "product_data": {"name": "Credit"}}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "local.stripe", "--port", str(port), "--faults"]
    process = subprocess.Popen(command, cwd=ROOT)
    address = f"http://localhost:{port}"
    _wait(lambda: httpx.get(f"{address}/healthz").is_success)
    yield address
    process.terminate()
    process.wait(PATIENCE_S)


def _wait(done: Any) -> Any:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            found = done()
        except httpx.HTTPError:
            found = None
        if found:
            return found
        time.sleep(0.05)
    raise TimeoutError


@pytest.fixture
def api(url: str) -> Any:
    return stripe.StripeClient("sk_test_any", base_addresses={"api": url}, max_network_retries=0).v1


def pay(api: Any, card: str, **more: Any) -> Any:
    wanted = {"amount": 1000, "currency": "usd", "payment_method": card, "confirm": True}
    return api.payment_intents.create(wanted | more)


def types(api: Any, about: str) -> list[str]:
    """Of the events of one payment, the oldest first."""
    found = api.events.list({"limit": 100}).data
    return [event.type for event in reversed(found) if about in _text(event)]


def _text(event: Any) -> str:
    """With the decimals that the client makes of amounts."""
    return json.dumps(event.data.object.to_dict(), default=str)


def test_a_card_pays_once_however_often_the_request_is_sent(api: Any) -> None:
    customer = api.customers.create({"email": "ada@example.com", "metadata": {"account": "acc_1"}})
    wanted = {"amount": 1000, "currency": "usd", "customer": customer.id, "confirm": True}
    wanted |= {"payment_method": "pm_card_visa", "off_session": True}

    first = api.payment_intents.create(wanted, {"idempotency_key": "once"})
    again = api.payment_intents.create(wanted, {"idempotency_key": "once"})

    assert (first.status, first.amount_received, again.id) == ("succeeded", 1000, first.id)
    with pytest.raises(stripe.IdempotencyError):
        api.payment_intents.create(wanted | {"amount": 2000}, {"idempotency_key": "once"})
    assert types(api, first.id) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


@pytest.mark.parametrize(
    ("card", "code", "decline"),
    [
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_authenticationRequired", "authentication_required", "authentication_required"),
    ],
)
def test_a_declined_card_says_why(api: Any, card: str, code: str, decline: str) -> None:
    with pytest.raises(stripe.CardError) as refused:
        pay(api, card, off_session=True)

    error = refused.value.error
    assert error
    assert (error.code, error.decline_code) == (code, decline)
    assert error.payment_intent
    assert error.payment_intent.status == "requires_payment_method"


def test_a_card_that_was_set_up_is_charged_without_its_owner(api: Any) -> None:
    customer = api.customers.create({})
    setup = api.setup_intents.create(
        {"customer": customer.id, "payment_method": "pm_card_authenticationRequiredOnSetup"}
        | {"confirm": True, "return_url": "http://localhost/back"}
    )
    page = setup.next_action.redirect_to_url.url
    back = httpx.post(page, data={"answer": "complete"})

    done = api.setup_intents.retrieve(setup.id)
    own = {"customer": customer.id, "off_session": True}

    assert (back.status_code, back.headers["location"]) == (303, "http://localhost/back")
    assert done.status == "succeeded"
    assert pay(api, done.payment_method, **own).status == "succeeded"


def test_checkout_takes_a_card_and_adds_the_tax_of_the_country(api: Any) -> None:
    session = api.checkout.sessions.create(
        {"mode": "payment", "success_url": "http://localhost/paid?s={CHECKOUT_SESSION_ID}"}
        | {"line_items": [{"price_data": LINE, "quantity": 1}], "automatic_tax": {"enabled": True}}
    )

    declined = httpx.post(session.url, data={"number": "4000000000000341"})
    paid = httpx.post(session.url, data={"number": "4242 4242 4242 4242", "country": "de"})
    done = api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})

    assert "was declined" in declined.text
    assert paid.headers["location"] == f"http://localhost/paid?s={session.id}"
    assert (done.status, done.payment_status) == ("complete", "paid")
    assert (done.amount_subtotal, done.amount_total) == (2000, 2380)
    assert done.payment_intent.amount_received == 2380
    assert "checkout.session.completed" in types(api, session.id)


def test_refunds_count_up_to_the_charge_and_not_beyond(api: Any) -> None:
    payment = pay(api, "pm_card_visa")

    api.refunds.create({"payment_intent": payment.id, "amount": 400})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        api.refunds.create({"payment_intent": payment.id, "amount": 601})
    api.refunds.create({"payment_intent": payment.id})
    charge = api.charges.retrieve(payment.latest_charge)

    assert (charge.amount_refunded, charge.refunded) == (1000, True)
    with pytest.raises(stripe.InvalidRequestError, match="already been refunded"):
        api.refunds.create({"payment_intent": payment.id})


def test_a_refund_that_fails_gives_its_amount_back_to_the_charge(api: Any) -> None:
    payment = pay(api, "pm_card_refundFail")
    refund = api.refunds.create({"payment_intent": payment.id})

    _wait(lambda: api.refunds.retrieve(refund.id).status == "failed")

    assert api.charges.retrieve(payment.latest_charge).amount_refunded == 0
    assert "refund.failed" in types(api, refund.id)


@pytest.mark.parametrize(
    ("evidence", "status", "last"),
    [
        ("winning_evidence", "won", "charge.dispute.funds_reinstated"),
        ("losing_evidence", "lost", "charge.dispute.closed"),
    ],
)
def test_a_dispute_is_won_or_lost_by_its_evidence(
    api: Any, evidence: str, status: str, last: str
) -> None:
    payment = pay(api, "pm_card_createDispute")
    [dispute] = api.disputes.list({"payment_intent": payment.id}).data

    ended = api.disputes.update(dispute.id, {"evidence": {"uncategorized_text": evidence}})

    assert ended.status == status
    assert types(api, dispute.id)[-1] == last


def test_what_nobody_knows_is_refused_as_stripe_refuses_it(api: Any, url: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter: amont"):
        api.payment_intents.create({"amont": 1, "currency": "usd"})
    with pytest.raises(stripe.InvalidRequestError, match="No such customer: 'cus_nobody'"):
        api.customers.retrieve("cus_nobody")
    with pytest.raises(stripe.InvalidRequestError, match="at least"):
        api.payment_intents.create({"amount": 1, "currency": "usd"})
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient("rk_live_x", base_addresses={"api": url}).v1.customers.list()


def test_a_lost_answer_has_happened_and_is_told_to_whoever_asks_again(api: Any, url: str) -> None:
    fault = {"kind": "broken_after", "target": "/v1/payment_intents"}
    httpx.post(f"{url}/_faults", json=fault).raise_for_status()
    wanted = {"amount": 1000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}

    with pytest.raises(stripe.APIError):
        api.payment_intents.create(wanted, {"idempotency_key": "lost"})
    again = api.payment_intents.create(wanted, {"idempotency_key": "lost"})

    assert again.status == "succeeded"
    assert types(api, again.id).count("payment_intent.succeeded") == 1


def test_listeners_are_told_with_a_signature_and_again_when_they_fail(api: Any) -> None:
    heard: list[tuple[bytes, str]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((body, self.headers["Stripe-Signature"]))
            self.send_response(500 if len(heard) == 1 else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    endpoint = api.webhook_endpoints.create(
        {"url": f"http://127.0.0.1:{server.server_port}", "enabled_events": ["customer.created"]}
    )
    try:
        api.customers.create({"email": "heard@example.com"})
        _wait(lambda: len(heard) == 2)
    finally:
        api.webhook_endpoints.delete(endpoint.id)
        server.shutdown()

    body, signature = heard[1]
    event = stripe.Webhook.construct_event(body, signature, endpoint.secret)
    assert event.type == "customer.created"
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", signature, endpoint.secret)


@pytest.mark.parametrize(
    "kind", ["customer", "payment_intent", "charge", "refund", "dispute", "checkout.session"]
)
def test_objects_have_the_fields_that_the_client_knows_and_no_others(api: Any, kind: str) -> None:
    made = {
        "customer": lambda: api.customers.create({}),
        "payment_intent": lambda: pay(api, "pm_card_visa"),
        "charge": lambda: api.charges.retrieve(pay(api, "pm_card_visa").latest_charge),
        "refund": lambda: api.refunds.create({"payment_intent": pay(api, "pm_card_visa").id}),
        "dispute": lambda: (pay(api, "pm_card_createDispute"), api.disputes.list().data[0])[1],
        "checkout.session": lambda: api.checkout.sessions.create(
            {"mode": "payment", "success_url": "http://localhost", "line_items": []}
            | {"line_items": [{"price_data": LINE}]}
        ),
    }[kind]()

    given = {name for name, value in made.to_dict().items() if value is not None}
    known = shapes.annotations(kind)
    required = {name for name, type_ in known.items() if not shapes.is_nullable(type_)}

    assert given - set(known) <= {"livemode"}
    assert required - given == set()
