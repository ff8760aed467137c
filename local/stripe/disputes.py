"""What a card's owner or bank does afterwards: disputes, and warnings of fraud."""

from typing import Any

from local.stripe.call import Call, Route
from local.stripe.customers import card_of
from local.stripe.errors import StripeError
from local.stripe.params import Params
from local.stripe.store import Object

EVIDENCE_DAYS = 7
DAY_S = 24 * 3600
FEE = 1_500
_CLOSED = frozenset({"won", "lost", "warning_closed"})
_DECIDED_BY = {"winning_evidence": "won", "losing_evidence": "lost"}


def follow(call: Call, charge: Object) -> None:
    """What this card's charge brings about, right after it."""
    method = call.store.get("payment_method", charge["payment_method"])
    card = card_of(method)
    if card.fraud_warning:
        warning = {
            "actionable": True,
            "charge": charge["id"],
            "fraud_type": "made_with_stolen_card",
        }
        warned = call.store.add(
            "radar.early_fraud_warning",
            "issfr",
            warning | {"payment_intent": charge["payment_intent"]},
            charge["created"],
        )
        call.emit("radar.early_fraud_warning.created", warned)
    if card.dispute:
        _open(call, charge, card.dispute)


def _open(call: Call, charge: Object, kind: str) -> None:
    inquiry = kind == "inquiry"
    dispute = call.store.add(
        "dispute",
        "du",
        {
            "amount": charge["amount"],
            "balance_transactions": [],
            "charge": charge["id"],
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {},
            "evidence_details": {
                "due_by": charge["created"] + EVIDENCE_DAYS * DAY_S,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": inquiry,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": "fraudulent" if inquiry else kind,
            "status": "warning_needs_response" if inquiry else "needs_response",
        },
        charge["created"],
    )
    call.store.change(charge, disputed=True)
    call.emit("charge.dispute.created", dispute)
    if not inquiry:
        _move(call, dispute, -dispute["amount"], FEE, "funds_withdrawn")


def _move(call: Call, dispute: Object, amount: int, fee: int, event: str) -> None:
    moved = call.store.add(
        "balance_transaction",
        "txn",
        {"amount": amount, "currency": dispute["currency"], "fee": fee, "net": amount - fee}
        | {"type": "adjustment", "source": dispute["id"], "status": "available"}
        | {"fee_details": [], "reporting_category": "dispute", "balance_type": "payments"}
        | {"available_on": dispute["created"]},
        dispute["created"],
    )
    movements = [*dispute["balance_transactions"], moved]
    call.store.change(dispute, balance_transactions=movements)
    call.emit(f"charge.dispute.{event}", dispute)


def update(call: Call, params: Params, id_: str) -> Object:
    """Submitted evidence that says `winning_evidence` or `losing_evidence` decides at once."""
    dispute = call.store.get("dispute", id_)
    given = params.plain("evidence") or {}
    if given and dispute["status"] in _CLOSED:
        raise StripeError("This dispute is already closed.", code="dispute_already_closed")
    evidence = dispute["evidence"] | given
    fields: dict[str, Any] = {"metadata": params.metadata(dispute["metadata"])}
    if given:
        details = dispute["evidence_details"] | {"has_evidence": True}
        fields |= {"evidence": evidence, "evidence_details": details}
    call.emit("charge.dispute.updated", dispute, call.store.change(dispute, **fields))
    if given and params.flag("submit", default=True):
        _submit(call, dispute)
    return dispute


def _submit(call: Call, dispute: Object) -> None:
    details = dispute["evidence_details"]
    counted = details | {"submission_count": details["submission_count"] + 1}
    review = "warning_under_review" if _is_inquiry(dispute) else "under_review"
    previous = call.store.change(dispute, status=review, evidence_details=counted)
    call.emit("charge.dispute.updated", dispute, previous)
    decided = _DECIDED_BY.get(dispute["evidence"].get("uncategorized_text", ""))
    if decided:
        _end(call, dispute, decided)


def _end(call: Call, dispute: Object, status: str) -> None:
    inquiry = _is_inquiry(dispute)
    call.store.change(dispute, status="warning_closed" if inquiry else status)
    call.emit("charge.dispute.closed", dispute)
    if status == "won" and not inquiry:
        _move(call, dispute, dispute["amount"], 0, "funds_reinstated")


def _is_inquiry(dispute: Object) -> bool:
    return bool(dispute["status"].startswith("warning_"))


def close(call: Call, params: Params, id_: str) -> Object:
    """Accept that it is lost."""
    dispute = call.store.get("dispute", id_)
    if dispute["status"] in _CLOSED:
        raise StripeError("This dispute is already closed.", code="dispute_already_closed")
    _end(call, dispute, "lost")
    return dispute


ROUTES = (
    Route("POST", "/v1/disputes/{id}", update, "DisputeUpdateParams"),
    Route("POST", "/v1/disputes/{id}/close", close, "DisputeCloseParams"),
)
