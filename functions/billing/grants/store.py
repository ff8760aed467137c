"""Balances and grants in the ledger table, whose keys stand in `sluice.ledger`.

item      pk                        sk
balance   BAL#{account}#{stripe}    BUCKET
grant     GRANT#{grant}             BUCKET
"""

from dataclasses import dataclass

from functions.billing.settings import settings
from sluice import ledger
from sluice.table import Table, Transaction


@dataclass(frozen=True, slots=True)
class Grant:
    """Credit to be given, good until `expires_ms`."""

    id: str
    nanos: int
    reason: str
    expires_ms: int


def missing(account: str, grant: Grant) -> Transaction | None:
    """What is still to be written so that the account has a balance and the grant was given to
    somebody; None when both are so. A grant of nothing is not given."""
    table = Table(settings().ledger_table)
    balance = table.find(ledger.balance_pk(account), "BUCKET")
    was_given = not grant.nanos or table.find(ledger.grant_pk(grant.id), "BUCKET") is not None
    if balance is None and was_given:
        return Transaction().add(ledger.open_account(table, account))
    if was_given:
        return None
    if balance is None:
        return Transaction().add(
            *ledger.open_with_grant(
                table,
                account,
                grant.id,
                grant.nanos,
                reason=grant.reason,
                expires_ms=grant.expires_ms,
            )
        )
    return Transaction().add(
        *ledger.grant(
            table,
            account,
            grant.id,
            grant.nanos,
            reason=grant.reason,
            expires_ms=grant.expires_ms,
            epoch=balance["epoch"],
        )
    )
