"""A key's budget: what its jobs hold and spend stays within, and nobody else's is counted."""

import json
from typing import Any

import pytest

from sluice import ledger
from sluice.principal import credential_pk, forget_cached
from sluice.table import Table
from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.invariants import job_faults, ledger_faults
from tests.seeds import Customer, give_key
from tests.simulation.endpoints import Work

NEVER = Work(after_s=10**6)
JOBS = "/v1/inference/jobs"


def held_by_one(platform: Platform, client: Client) -> int:
    platform.model = always(NEVER)
    job = client.submit("smollm2-135m", samples.PROMPT).json["id"]
    held = client.money["held"]
    client.send("DELETE", f"{JOBS}/{job}")
    return held


def capped(platform: Platform, client: Client, nanos: int, period: str = "total") -> Client:
    """The same account by another key, that has a budget."""
    key = give_key(platform.stage, client.who.account)
    budget = {"id": "key_capped", "nanos": nanos, "period": period}
    Table(platform.stage.table("accounts")).update(
        credential_pk("KEY", key), "KEY", set_={"budget": budget}
    ).send()
    forget_cached()
    return Client(platform, Customer(client.who.account, key))


def used(platform: Platform, client: Client, period: str = "total") -> int:
    budget = {"id": "key_capped", "nanos": 0, "period": period}
    return ledger.find_used(Table(platform.stage.table("ledger")), client.who.account, budget)


def check(platform: Platform) -> None:
    jobs, items = platform.stage.scan("jobs"), platform.stage.scan("ledger")
    assert ledger_faults(items) == []
    results = [key for key in platform.objects if key.startswith("results/")]
    assert job_faults(jobs, items, results) == []


def test_a_key_holds_as_much_as_its_budget_and_others_go_on(
    platform: Platform, ada: Client
) -> None:
    held = held_by_one(platform, ada)
    program = capped(platform, ada, 2 * held)

    answers = [program.submit("smollm2-135m", samples.PROMPT) for _ in range(3)]

    assert [answer.status for answer in answers] == [202, 202, 402]
    assert answers[2].json["code"] == "budget_exhausted"
    assert ada.submit("smollm2-135m", samples.PROMPT).status == 202
    assert used(platform, ada) == 2 * held
    check(platform)


def test_what_was_held_and_not_spent_may_be_spent_again(platform: Platform, ada: Client) -> None:
    held = held_by_one(platform, ada)
    program = capped(platform, ada, 2 * held)
    platform.model = always(Work(after_s=1, output=samples.completion()))

    statuses: list[int] = []
    while not statuses or statuses[-1] == 202:
        statuses.append(program.submit("smollm2-135m", samples.PROMPT).status)
        platform.clock.advance(5)

    done = len(statuses) - 1
    assert statuses[-1] == 402
    assert done == held // samples.CHAT_NANOS + 1  # as long as one more hold fits
    assert used(platform, ada) == done * samples.CHAT_NANOS == ada.spent_nanos
    check(platform)


@pytest.mark.parametrize("how", ["canceled", "failed", "expired"])
def test_a_job_that_is_not_charged_leaves_the_budget_as_it_was(
    platform: Platform, ada: Client, how: str
) -> None:
    held = held_by_one(platform, ada)
    program = capped(platform, ada, held)
    failing = Work(after_s=1) if how == "failed" else NEVER
    platform.model = always(failing)
    job = program.submit("smollm2-135m", samples.PROMPT).json["id"]

    if how == "canceled":
        program.send("DELETE", f"{JOBS}/{job}")
    else:
        for _ in range(30):
            platform.clock.advance(3600 / 10)
            platform.sweep()

    assert program.job(job)["status"] == how
    assert used(platform, ada) == 0
    check(platform)


def test_a_replayed_request_counts_once(platform: Platform, ada: Client) -> None:
    held = held_by_one(platform, ada)
    program = capped(platform, ada, held)

    answers = [
        program.submit("smollm2-135m", samples.PROMPT, idempotency_key="once") for _ in range(3)
    ]

    assert len({answer.json["id"] for answer in answers}) == 1
    assert used(platform, ada) == held
    check(platform)


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        (
            "/openai/v1/chat/completions",
            {"model": "smollm2-135m", "messages": [{"role": "user", "content": "Hi"}]},
            402,
            "insufficient_quota",
        ),
        ("/v3/async/upscale", None, 400, "BILLING_BALANCE_NOT_ENOUGH"),
    ],
)
def test_each_family_tells_it_in_its_own_words(
    platform: Platform, ada: Client, path: str, body: Any, status: int, said: str
) -> None:
    program = capped(platform, ada, 1)
    if body is None:
        request = {"image_base64": samples.base64_of(samples.picture()), "scale_factor": 4}
        body = {"request": request}

    answer = program.send("POST", path, body=body)

    assert (answer.status, said in json.dumps(answer.json)) == (status, True), answer.content
    assert ada.money["held"] == 0


def test_a_capped_key_s_job_is_accepted_with_four_calls_too(
    platform: Platform, ada: Client
) -> None:
    program = capped(platform, ada, 10**9, "month")
    program.submit("smollm2-135m", samples.PROMPT, prefer="wait")
    platform.calls.clear()

    assert program.submit("smollm2-135m", samples.PROMPT).status == 202

    assert platform.operations() == [
        "UpdateItem",
        "TransactWriteItems",
        "ApplyGuardrail",
        "InvokeEndpointAsync",
    ]


def test_a_member_and_the_members_keys_spend_one_budget_and_a_key_its_own_besides(
    platform: Platform, ada: Client
) -> None:
    held = held_by_one(platform, ada)
    of_member = {"id": "acc.usr", "nanos": 3 * held, "period": "total"}
    first = capped(platform, ada, 2 * held)
    second = Client(platform, Customer(ada.who.account, give_key(platform.stage, ada.who.account)))
    for each in (first, second):
        Table(platform.stage.table("accounts")).update(
            credential_pk("KEY", each.who.key), "KEY", set_={"member_budget": of_member}
        ).send()
    forget_cached()

    statuses = [
        each.submit("smollm2-135m", samples.PROMPT).status for each in [first] * 3 + [second] * 2
    ]

    assert statuses == [202, 202, 402, 202, 402]
    ledger_table = Table(platform.stage.table("ledger"))
    assert ledger.find_used(ledger_table, ada.who.account, of_member) == 3 * held
    check(platform)
