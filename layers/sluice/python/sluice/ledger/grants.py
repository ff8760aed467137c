"""Balances and grants: how an account comes to have credit."""

from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.conditions import Attr

from sluice import clock
from sluice.errors import Conflict
from sluice.ledger.keys import PROMOTION, balance_pk, grant_pk, line_sk, statement_sk
from sluice.table import Table, Write, absent, exists

MAX_GRANTS = 20


def open_account(table: Table, account: str, *, epoch: int = 0) -> Write:
    """The account's balance, empty. An account that has one raises Conflict."""
    return _put_balance(table, account, {}, epoch)


def open_with_grant(
    table: Table, account: str, grant_id: str, nanos: int, *, reason: str, expires_ms: int
) -> list[Write]:
    """The account's balance and its first grant, at once. A balance or a grant that exists
    raises Conflict."""
    facts = {"nanos": nanos, "expires_ms": expires_ms}
    return [
        _put_balance(table, account, {grant_id: facts}),
        *_put_grant(table, account, grant_id, facts, reason=reason, epoch=0),
    ]


def grant(
    table: Table,
    account: str,
    grant_id: str,
    nanos: int,
    *,
    reason: str,
    expires_ms: int,
    epoch: int = 0,
) -> list[Write]:
    """Give credit as a bucket of its own, named by the account's balance, which carries `epoch`.
    The same `grant_id` twice raises Conflict, whoever asks: this is what makes a grant happen
    once. So does a balance that is absent, of another epoch, or names too many grants."""
    facts = {"nanos": nanos, "expires_ms": expires_ms}
    return [
        *_put_grant(table, account, grant_id, facts, reason=reason, epoch=epoch),
        table.update(
            balance_pk(account),
            "BUCKET",
            set_={("grants", grant_id): facts},
            when=exists() & Attr("epoch").eq(epoch) & Attr("grants").size().lt(MAX_GRANTS),
            refused=lambda _: Conflict("The balance does not take this grant."),
        ),
    ]


def raise_epoch(table: Table, pk: str, epoch: int) -> Write:
    """So that no credential from an earlier epoch holds of this bucket any more; what is held ends
    as ever. A bucket that is of `epoch` already, or of a later one, raises Conflict."""
    return table.update(
        pk,
        "BUCKET",
        set_={"epoch": epoch},
        when=Attr("epoch").lt(epoch),
        refused=lambda _: Conflict("This bucket's epoch has risen already."),
    )


def _put_balance(table: Table, account: str, grants: Mapping[str, Any], epoch: int = 0) -> Write:
    return table.put(
        {"pk": balance_pk(account), "sk": "BUCKET", "account": account, "grants": dict(grants)}
        | _EMPTY_BUCKET
        | {"epoch": epoch},
        when=absent(),
        refused=lambda _: Conflict("This account has a balance already."),
    )


def _put_grant(
    table: Table,
    account: str,
    grant_id: str,
    facts: Mapping[str, int],
    *,
    reason: str,
    epoch: int,
) -> list[Write]:
    pk, now_ms, nanos = grant_pk(grant_id), clock.now_ms(), facts["nanos"]
    line = {
        "kind": "grant",
        "state": "settled",
        "account": account,
        "reason": reason,
        "legs": [{"account": PROMOTION, "nanos": -nanos}, {"account": pk, "nanos": nanos}],
        "opened_ms": now_ms,
        "ended_ms": now_ms,
        "gsi1pk": pk,
        "gsi1sk": statement_sk(now_ms, grant_id),
    }
    bucket = {
        "account": account,
        "status": "active",
        "expires_ms": facts["expires_ms"],
        "reason": reason,
        "available": nanos,
        "seq": 1,
        "epoch": epoch,
        "last_line": line_sk(grant_id),
    }
    return [
        table.put(
            {"pk": pk, "sk": "BUCKET"} | _EMPTY_BUCKET | bucket,
            when=absent(),
            refused=lambda _: Conflict("This grant was given before."),
        ),
        table.put({"pk": pk, "sk": line_sk(grant_id)} | line, when=absent()),
    ]


_EMPTY_BUCKET = {"available": 0, "held": 0, "seq": 0, "epoch": 0, "frozen": False, "last_line": ""}
