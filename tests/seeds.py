"""What a test starts from: an account with credit and a key, written as the services would."""

from dataclasses import dataclass

from sluice import clock, ids, ledger
from sluice.principal import credential_pk, new_api_key
from sluice.table import Item, Table, Transaction
from tests.stage import Stage

DAY_S = 24 * 3600
CARD_PAYMENTS = "SYS#payments"
"""Top-ups do not exist yet, so tests write one: from this account to the balance."""


@dataclass(frozen=True, slots=True)
class Customer:
    account: str
    key: str


def customer(
    stage: Stage,
    *,
    granted_nanos: int = 0,
    bought_nanos: int = 0,
    tier: str = "free",
    budget_nanos: int | None = None,
) -> Customer:
    """An account with a key, and credit of both kinds; the key may have a budget."""
    account = ids.new("acc")
    give_credit(stage, account, granted_nanos=granted_nanos, bought_nanos=bought_nanos)
    return Customer(account, give_key(stage, account, tier=tier, budget_nanos=budget_nanos))


def give_credit(
    stage: Stage, account: str, *, granted_nanos: int = 0, bought_nanos: int = 0
) -> None:
    table = Table(stage.table("ledger"))
    if granted_nanos:
        expires_ms = clock.now_ms() + 30 * DAY_S * clock.MS_PER_S
        Transaction().add(
            *ledger.open_with_grant(
                table,
                account,
                ids.derive("grt", account),
                granted_nanos,
                reason="free_quota",
                expires_ms=expires_ms,
            )
        ).commit()
    else:
        Transaction().add(ledger.open_account(table, account)).commit()
    if bought_nanos:
        _top_up(table, account, bought_nanos)


def give_grant(stage: Stage, account: str, nanos: int) -> None:
    """One more grant for an account that has a balance."""
    expires_ms = clock.now_ms() + 30 * DAY_S * clock.MS_PER_S
    writes = ledger.grant(
        Table(stage.table("ledger")),
        account,
        ids.new("grt"),
        nanos,
        reason="promotion",
        expires_ms=expires_ms,
    )
    Transaction().add(*writes).commit()


def _top_up(table: Table, account: str, nanos: int) -> None:
    pk, now_ms = ledger.balance_pk(account), clock.now_ms()
    cause = ids.derive("top", account)
    line: Item = {
        "pk": pk,
        "sk": ledger.line_sk(cause),
        "kind": "top_up",
        "state": "settled",
        "account": account,
        "legs": [{"account": CARD_PAYMENTS, "nanos": -nanos}, {"account": pk, "nanos": nanos}],
        "opened_ms": now_ms,
        "ended_ms": now_ms,
    }
    credited = table.update(
        pk,
        "BUCKET",
        add={"available": nanos, "seq": 1},
        set_={"last_line": ledger.line_sk(cause)},
    )
    Transaction().add(credited, table.put(line)).commit()


def give_key(
    stage: Stage,
    account: str,
    *,
    scopes: frozenset[str] = frozenset({"inference"}),
    epoch: int = 0,
    tier: str = "free",
    budget_nanos: int | None = None,
) -> str:
    """An API key of the account; gives the secret."""
    secret = new_api_key()
    budget = {"id": ids.new("key"), "nanos": budget_nanos, "period": "month"}
    Table(stage.table("accounts")).put(
        {
            "pk": credential_pk("KEY", secret),
            "sk": "KEY",
            "id": ids.new("key"),
            "account": account,
            "user": ids.new("usr"),
            "state": "active",
            "scopes": sorted(scopes),
            "epoch": epoch,
            "tier": tier,
        }
        | ({} if budget_nanos is None else {"budget": budget})
    ).send()
    return secret
