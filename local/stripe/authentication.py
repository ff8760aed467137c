"""3-D Secure: an intent waits for its card's owner, who answers on a page of the double."""

from local.stripe.call import Call
from local.stripe.errors import StripeError
from local.stripe.store import Object


def challenge(call: Call, intent: Object, kind: str) -> None:
    """The intent asks for its owner; the page brings them back to where it was told."""
    page = f"{call.site}/authenticate/{intent['id']}"
    back = intent.get("_return_url")
    action = {"type": "redirect_to_url", "redirect_to_url": {"url": page, "return_url": back}}
    call.store.change(intent, status="requires_action", next_action=action)
    call.emit(f"{kind}.requires_action", intent)


def failed(code: str) -> StripeError:
    return StripeError(
        "We are unable to authenticate your payment method. Please choose a different payment "
        "method and try again.",
        kind="invalid_request_error",
        code=code,
    )
