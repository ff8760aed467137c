"""GET /v1/billing/balance"""

from functions.billing.api import handler
from sluice import ledger
from sluice.table import Table, Transaction
from tests.events import call
from tests.replaced import ManualClock
from tests.seeds import customer, give_key
from tests.stage import Stage

READ = frozenset({"billing:read"})
PATH = "/v1/billing/balance"


def hold(stage: Stage, account: str, job: str, nanos: int) -> None:
    table = Table(stage.table("ledger"))
    legs = ledger.plan(ledger.read(table, account), nanos)
    writes = ledger.hold(
        table, legs, account=account, job=job, epoch=0, deadline_ms=1, price={"version": 1}
    )
    Transaction().add(*writes).commit()


def test_nobody_reads_a_balance_without_a_credential(aws: Stage) -> None:
    assert call(handler, "GET", PATH).status == 401


def test_a_key_without_the_scope_is_refused(aws: Stage) -> None:
    answer = call(handler, "GET", PATH, bearer=customer(aws).key)

    assert (answer.status, answer.json["code"]) == (403, "forbidden")


def test_a_key_reads_its_own_account_alone(aws: Stage) -> None:
    customer(aws, bought_nanos=5)
    key = give_key(aws, customer(aws, bought_nanos=7).account, scopes=READ)

    assert call(handler, "GET", PATH, bearer=key).json["available"]["nanos"] == "7"


def test_an_account_that_was_never_verified_has_nothing(aws: Stage) -> None:
    answer = call(handler, "GET", PATH, bearer=give_key(aws, "acc_new", scopes=READ))

    assert answer.status == 200
    assert answer.json["available"] == {"usd": "0", "nanos": "0"}
    assert answer.json["grants"] == []


def test_a_balance_shows_bought_credit_grants_and_what_is_held(aws: Stage) -> None:
    account = customer(aws, granted_nanos=1_000_000, bought_nanos=500_000).account
    hold(aws, account, "job_1", 1_200_000)

    shown = call(handler, "GET", PATH, bearer=give_key(aws, account, scopes=READ)).json

    assert shown["available"] == {"usd": "0.0003", "nanos": "300000"}
    assert shown["held"]["nanos"] == "1200000"
    assert shown["bought"]["nanos"] == "300000"
    assert shown["frozen"] is False
    [grant] = shown["grants"]
    assert (grant["given"]["nanos"], grant["available"]["nanos"], grant["held"]["nanos"]) == (
        "1000000",
        "0",
        "1000000",
    )
    assert grant["status"] == "active"


def test_an_expired_grant_is_shown_but_cannot_be_spent(aws: Stage, clock: ManualClock) -> None:
    account = customer(aws, granted_nanos=1_000_000, bought_nanos=5).account
    clock.advance(31 * 24 * 3600)

    shown = call(handler, "GET", PATH, bearer=give_key(aws, account, scopes=READ)).json

    assert shown["available"]["nanos"] == "5"
    assert shown["grants"][0]["status"] == "expired"


def test_a_frozen_balance_has_nothing_available(aws: Stage) -> None:
    account = customer(aws, bought_nanos=5).account
    Table(aws.table("ledger")).update(
        ledger.balance_pk(account), "BUCKET", set_={"frozen": True}
    ).send()

    shown = call(handler, "GET", PATH, bearer=give_key(aws, account, scopes=READ)).json

    assert (shown["frozen"], shown["available"]["nanos"]) == (True, "0")
