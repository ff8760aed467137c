"""GET /v1/billing/lines"""

from typing import Any

import pytest

from functions.billing.api import handler
from sluice import ledger
from sluice.table import Table, Transaction
from tests.events import Answer, call
from tests.replaced import ManualClock
from tests.seeds import customer, give_key
from tests.stage import Stage

READ = frozenset({"billing:read"})
PATH = "/v1/billing/lines"
MAX_PAGES = 20


def charge(stage: Stage, account: str, job: str, held_nanos: int, nanos: int) -> None:
    """A job from its hold to its end."""
    table = Table(stage.table("ledger"))
    legs = ledger.plan(ledger.read(table, account), held_nanos)
    price = {"model": "smollm2-135m", "version": 1}
    writes = ledger.hold(table, legs, account=account, job=job, epoch=0, deadline_ms=1, price=price)
    Transaction().add(*writes).commit()
    Transaction().add(*ledger.settle(table, legs, job, nanos)).commit()


def ask(key: str, **query: str) -> Answer:
    return call(handler, "GET", PATH, bearer=key, query=query)


def walk(key: str, limit: int) -> list[dict[str, Any]]:
    """All pages, each but the last one full."""
    lines: list[dict[str, Any]] = []
    query = {"limit": str(limit)}
    for _ in range(MAX_PAGES):
        page = ask(key, **query).json
        lines += page["data"]
        if page["next_cursor"] is None:
            return lines
        assert len(page["data"]) == limit
        query["cursor"] = page["next_cursor"]
    raise AssertionError("the pages do not end")


def test_nobody_reads_lines_without_a_credential(aws: Stage) -> None:
    assert call(handler, "GET", PATH).status == 401


def test_a_foreign_cursor_leads_to_ones_own_lines(aws: Stage, clock: ManualClock) -> None:
    rich = customer(aws, bought_nanos=100).account
    for job in ("job_1", "job_2", "job_3"):
        charge(aws, rich, job, 10, 10)
    cursor = ask(give_key(aws, rich, scopes=READ), limit="1").json["next_cursor"]
    other = give_key(aws, customer(aws).account, scopes=READ)

    assert ask(other, cursor=cursor).json == {"data": [], "next_cursor": None}


def test_an_account_without_a_balance_has_no_lines(aws: Stage) -> None:
    answer = ask(give_key(aws, "acc_new", scopes=READ))

    assert (answer.status, answer.json) == (200, {"data": [], "next_cursor": None})


def test_a_charge_is_a_line_with_its_price(aws: Stage, clock: ManualClock) -> None:
    account = customer(aws, bought_nanos=1_000).account
    charge(aws, account, "job_1", 300, 120)

    [line] = ask(give_key(aws, account, scopes=READ)).json["data"]

    assert (line["kind"], line["state"], line["job"]) == ("job", "settled", "job_1")
    assert line["amount"] == {"usd": "-0.00000012", "nanos": "-120"}
    assert line["held"]["nanos"] == "300"
    assert line["grant"] is None
    assert line["price"] == {"model": "smollm2-135m", "version": 1}
    assert line["ended_at"] == "2026-11-25T12:00:00.000Z"


def test_a_released_hold_is_a_line_of_nothing(aws: Stage) -> None:
    account = customer(aws, bought_nanos=1_000).account
    charge(aws, account, "job_1", 300, 0)

    [line] = ask(give_key(aws, account, scopes=READ)).json["data"]

    assert (line["state"], line["amount"]["nanos"]) == ("released", "0")


def test_an_open_hold_is_not_on_the_statement(aws: Stage) -> None:
    account = customer(aws, bought_nanos=1_000).account
    table = Table(aws.table("ledger"))
    legs = ledger.plan(ledger.read(table, account), 10)
    writes = ledger.hold(
        table, legs, account=account, job="job_1", epoch=0, deadline_ms=1, price={}
    )
    Transaction().add(*writes).commit()

    assert ask(give_key(aws, account, scopes=READ)).json["data"] == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_pages_merge_grants_and_bought_credit_newest_first(
    aws: Stage, clock: ManualClock, limit: int
) -> None:
    account = customer(aws, granted_nanos=25, bought_nanos=100).account
    for number in range(6):
        clock.advance(number % 2)  # some end within the same millisecond
        charge(aws, account, f"job_{number}", 10, 10)

    lines = walk(give_key(aws, account, scopes=READ), limit)

    assert sum(int(line["amount"]["nanos"]) for line in lines) == 25 - 60
    assert len({(line["cause"], line["grant"]) for line in lines}) == len(lines) == 1 + 6 + 1
    times = [line["ended_at"] for line in lines]
    assert times == sorted(times, reverse=True)
    assert lines[-1]["kind"] == "grant"


@pytest.mark.parametrize("cursor", ["x", "%%%", "a" * 512, "fHw", "bm90aGluZw"])
def test_a_cursor_that_no_page_gave_is_refused(aws: Stage, cursor: str) -> None:
    key = give_key(aws, customer(aws).account, scopes=READ)

    answer = ask(key, cursor=cursor)

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")


@pytest.mark.parametrize("limit", ["0", "51", "-1", "many"])
def test_a_page_has_between_one_and_fifty_lines(aws: Stage, limit: str) -> None:
    assert ask(give_key(aws, customer(aws).account, scopes=READ), limit=limit).status == 422
