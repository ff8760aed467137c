"""The pages that a customer's browser sees: paying, and proving that it is they."""

from html import escape
from typing import Any

from starlette.responses import HTMLResponse, RedirectResponse, Response

from local.stripe import checkout, customers, payments, setups
from local.stripe.call import Call
from local.stripe.cards import CARDS
from local.stripe.errors import StripeError
from local.stripe.params import Params
from local.stripe.store import Object

SEE_OTHER = 303
_NOTHING = "This page has ended. Close it, and go back to where you came from."


def show_payment(call: Call, id_: str, message: str = "") -> Response:
    session = call.store.find(id_)
    if session is None or session["status"] != "open":
        return _page("Nothing to pay", f"<p>{_NOTHING}</p>", 404)
    total, currency = session["amount_total"], session["currency"]
    what = f"{total / 100:.2f} {currency.upper()}" if total else "Keep a card for later"
    cards = "".join(f"<option value='{card.number}'>{card.name}</option>" for card in CARDS)
    email = escape(session["customer_email"] or "")
    form = (
        f"<p role='alert'>{escape(message)}</p><form method='post'>"
        f"<label>E-mail <input name='email' type='email' value='{email}'></label>"
        "<label>Card number <input name='number' inputmode='numeric' list='cards' required>"
        f"</label><datalist id='cards'>{cards}</datalist>"
        "<label>Name <input name='name'></label>"
        "<label>Country <input name='country' maxlength='2' placeholder='DE'></label>"
        "<button>Pay</button></form>"
    )
    return _page(what, form + _link(session["cancel_url"], "Cancel"))


def take_payment(call: Call, id_: str, given: Params) -> Response:
    session = call.store.find(id_)
    if session is None or session["status"] != "open":
        return _page("Nothing to pay", f"<p>{_NOTHING}</p>", 404)
    try:
        method = customers.new_method(call, _method(given))
        checkout.pay(call, Params({"payment_method": method["id"]}), id_)
    except StripeError as error:
        return show_payment(call, id_, str(error))
    intent = call.store.find(session["payment_intent"] or session["setup_intent"])
    if intent and intent["status"] == "requires_action":
        return RedirectResponse(intent["next_action"]["redirect_to_url"]["url"], SEE_OTHER)
    return _back(session["success_url"], id_)


def _method(given: Params) -> Params:
    country = given.text("country")
    billing: dict[str, Any] = {"email": given.text("email"), "name": given.text("name")}
    if country:
        billing["address"] = {"country": country.upper()}
    card = {"number": given.text("number") or ""}
    return Params({"type": "card", "card": card, "billing_details": billing})


def show_authentication(call: Call, id_: str) -> Response:
    if _waiting(call, id_) is None:
        return _page("Nothing to approve", f"<p>{_NOTHING}</p>", 404)
    buttons = (
        "<button name='answer' value='complete'>Complete</button>"
        "<button name='answer' value='fail'>Fail</button>"
    )
    return _page("Your bank asks whether it is you", f"<form method='post'>{buttons}</form>")


def take_authentication(call: Call, id_: str, given: Params) -> Response:
    intent = _waiting(call, id_)
    if intent is None:
        return _page("Nothing to approve", f"<p>{_NOTHING}</p>", 404)
    back = intent["next_action"]["redirect_to_url"]["return_url"]
    answer(call, intent, is_right=given.text("answer") == "complete")
    return _back(back, intent.get("_session") or id_)


def answer(call: Call, intent: Object, *, is_right: bool) -> None:
    """The card's owner proved, or failed to prove, that it is they."""
    kind = payments if intent["object"] == "payment_intent" else setups
    if not is_right:
        kind.fail_authentication(call, intent)
        return
    try:
        if kind is payments:
            payments.finish(call, intent)
        else:
            setups.succeed(call, intent)
    except StripeError:  # declined after all: the intent says so
        return
    checkout.follow(call, intent)


def _waiting(call: Call, id_: str) -> Object | None:
    intent = call.store.find(id_)
    return intent if intent and intent.get("status") == "requires_action" else None


def _back(url: str | None, id_: str) -> Response:
    if url is None:
        return _page("Done", "<p>You can close this page.</p>")
    return RedirectResponse(url.replace("{CHECKOUT_SESSION_ID}", id_), SEE_OTHER)


def _link(url: str | None, text: str) -> str:
    safe = url if url and url.startswith(("http://", "https://")) else None
    return f"<p><a href='{escape(safe)}'>{text}</a></p>" if safe else ""


def _page(title: str, body: str, status: int = 200) -> Response:
    style = "body{font:16px system-ui;max-width:26rem;margin:4rem auto}label{display:block}"
    return HTMLResponse(
        f"<!doctype html><html lang='en'><title>{escape(title)}</title><style>{style}</style>"
        f"<h1>{escape(title)}</h1>{body}<p>This is a test page: no money moves.</p></html>",
        status,
    )
