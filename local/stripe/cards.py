"""Stripe's test cards, by what they do. Numbers and names are those of its testing page."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Card:
    """`declines` is the decline code of a charge, `rejected` whether even keeping it is declined.
    `authenticates`: never, always, or until it was set up for use without its owner."""

    name: str
    number: str
    brand: str = "visa"
    declines: str | None = None
    rejected: bool = False
    authenticates: Literal["never", "until_set_up", "always"] = "never"
    dispute: Literal["fraudulent", "product_not_received", "inquiry"] | None = None
    fraud_warning: bool = False
    refund: Literal["succeeded", "failed", "pending"] = "succeeded"


CARDS = (
    Card("visa", "4242424242424242"),
    Card("mastercard", "5555555555554444", "mastercard"),
    Card("amex", "378282246310005", "amex"),
    Card("chargeDeclined", "4000000000000002", declines="generic_decline", rejected=True),
    Card(
        "chargeDeclinedInsufficientFunds",
        "4000000000009995",
        declines="insufficient_funds",
        rejected=True,
    ),
    Card("chargeDeclinedLostCard", "4000000000009987", declines="lost_card", rejected=True),
    Card("chargeDeclinedStolenCard", "4000000000009979", declines="stolen_card", rejected=True),
    Card("chargeDeclinedExpiredCard", "4000000000000069", declines="expired_card", rejected=True),
    Card("chargeDeclinedIncorrectCvc", "4000000000000127", declines="incorrect_cvc", rejected=True),
    Card(
        "chargeDeclinedProcessingError",
        "4000000000000119",
        declines="processing_error",
        rejected=True,
    ),
    Card("chargeCustomerFail", "4000000000000341", declines="generic_decline"),
    Card("authenticationRequiredOnSetup", "4000002500003155", authenticates="until_set_up"),
    Card("authenticationRequired", "4000002760003184", authenticates="always"),
    Card(
        "authenticationRequiredSetupForOffSession", "4000003800000446", authenticates="until_set_up"
    ),
    Card(
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        "4000008260003178",
        authenticates="always",
        declines="insufficient_funds",
    ),
    Card("threeDSecure2Required", "4000000000003220", authenticates="until_set_up"),
    Card("createDispute", "4000000000000259", dispute="fraudulent"),
    Card("createDisputeProductNotReceived", "4000000000002685", dispute="product_not_received"),
    Card("createDisputeInquiry", "4000000000001976", dispute="inquiry"),
    Card("createIssuerFraudRecord", "4000000000005423", fraud_warning=True),
    Card("refundFail", "4000000000005126", refund="failed"),
    Card("pendingRefund", "4000000000007726", refund="pending"),
)
BY_NUMBER = {card.number: card for card in CARDS}
BY_NAME = {card.name: card for card in CARDS}
SET_UP_ALREADY = "authenticationRequiredSetupForOffSession"

DECLINES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "lost_card": "Your card was declined.",
    "stolen_card": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}
_OWN_CODES = frozenset(
    {"expired_card", "incorrect_cvc", "processing_error", "authentication_required"}
)


def error_code(decline: str) -> str:
    """Most declines are one `card_declined`, whose decline code says more."""
    return decline if decline in _OWN_CODES else "card_declined"
