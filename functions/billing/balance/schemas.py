"""A balance as the API shows it."""

from typing import Literal

from pydantic import BaseModel, Field

from functions.billing.balance.service import Balance, Grant, GrantStatus
from sluice import clock
from sluice.amount import Money


class GrantBody(BaseModel):
    """Credit that was given, not bought. It is spent before bought credit, and ends at
    `expires_at`."""

    object: Literal["grant"] = "grant"
    id: str
    reason: str = Field(examples=["free"])
    status: GrantStatus
    given: Money
    available: Money
    held: Money
    expires_at: str


class BalanceBody(BaseModel):
    """`available` is what the next request may cost at most; `held` is reserved by open jobs and
    comes back as far as they cost less."""

    object: Literal["balance"] = "balance"
    available: Money
    held: Money
    bought: Money = Field(description="Bought credit, without what is held of it.")
    grants: list[GrantBody] = Field(description="Soonest expiry first.")
    frozen: bool = Field(description="Nothing can be spent; ask support.")


def show(balance: Balance) -> BalanceBody:
    return BalanceBody(
        available=Money.of(balance.available_nanos),
        held=Money.of(balance.held_nanos),
        bought=Money.of(balance.bought_nanos),
        grants=[_show_grant(grant) for grant in balance.grants],
        frozen=balance.is_frozen,
    )


def _show_grant(grant: Grant) -> GrantBody:
    return GrantBody(
        id=grant.id,
        reason=grant.reason,
        status=grant.status,
        given=Money.of(grant.nanos),
        available=Money.of(grant.available_nanos),
        held=Money.of(grant.held_nanos),
        expires_at=clock.iso(grant.expires_ms),
    )
