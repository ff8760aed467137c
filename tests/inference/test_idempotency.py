"""The same Idempotency-Key makes one job, whatever happens between the requests."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from sluice.aws import MAX_ATTEMPTS
from sluice.table import Table
from tests import seeds
from tests.inference import samples
from tests.inference.platform import Client, Platform, Racing, always
from tests.seam import Call, Fault
from tests.simulation.endpoints import Work

KEY = "order-4711"


def test_the_same_request_again_gives_the_same_job_as_it_is_now(
    platform: Platform, ada: Client
) -> None:
    first = ada.submit("smollm2-135m", samples.PROMPT, idempotency_key=KEY)
    platform.clock.advance(2)

    second = ada.submit("smollm2-135m", samples.PROMPT, idempotency_key=KEY)

    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert (second.status, second.json["id"]) == (200, first.json["id"])
    assert second.json["status"] == "succeeded"
    assert len(platform.endpoints.invocations) == 1
    assert ada.spent_nanos == samples.CHAT_NANOS


def test_another_body_under_the_same_key_is_refused(ada: Client) -> None:
    ada.submit("smollm2-135m", samples.PROMPT, idempotency_key=KEY)

    answer = ada.submit("smollm2-135m", samples.prompt("Something else."), idempotency_key=KEY)
    invalid = ada.submit("smollm2-135m", {"nonsense": 1}, idempotency_key=KEY)

    assert (answer.status, answer.json["code"]) == (422, "idempotency_mismatch")
    assert (invalid.status, invalid.json["code"]) == (422, "idempotency_mismatch")


def test_two_accounts_may_use_the_same_key(ada: Client, mallory: Client) -> None:
    jobs = {
        client.submit("e5-small", {"input": "x"}, idempotency_key=KEY).json["id"]
        for client in (ada, mallory)
    }

    assert len(jobs) == 2


def test_a_replay_costs_nothing_and_needs_no_credit(platform: Platform) -> None:
    poor = platform.customer(1_600_000)
    first = poor.submit("smollm2-135m", samples.PROMPT, idempotency_key=KEY)
    refused = poor.submit("smollm2-135m", samples.prompt("Hi.", max_tokens=500))

    second = poor.submit("smollm2-135m", samples.PROMPT, idempotency_key=KEY)

    assert first.status == 202
    assert (refused.status, refused.json["code"]) == (402, "insufficient_credit")
    assert (second.status, second.json["id"]) == (200, first.json["id"])


def test_a_replay_is_answered_even_when_the_rate_ran_out(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(after_s=900, output=None, notices=0))
    first = ada.submit("span-x4", {"image": samples.base64_of(samples.picture())})
    body = {"image": samples.base64_of(samples.picture(60, 60))}
    kept = ada.submit("span-x4", body, idempotency_key=KEY)
    for _ in range(28):
        ada.submit("span-x4", body)

    limited = ada.submit("span-x4", body)
    replayed = ada.submit("span-x4", body, idempotency_key=KEY)

    assert first.status == 202
    assert (limited.status, limited.json["code"]) == (429, "rate_limited")
    assert 0 < int(limited.headers["retry-after"]) <= 60
    assert replayed.json["id"] == kept.json["id"]


def test_a_refusal_is_not_remembered(platform: Platform) -> None:
    poor = platform.customer(0)

    refused = poor.submit("smollm2-135m", samples.PROMPT, idempotency_key=KEY)
    balance = f"BAL#{poor.who.account}#0"
    Table(platform.stage.table("ledger")).update(
        balance, "BUCKET", add={"available": 10**9, "seq": 1}
    ).send()
    accepted = poor.submit("smollm2-135m", samples.PROMPT, idempotency_key=KEY)

    assert refused.status == 402
    assert accepted.status == 202


@pytest.mark.parametrize("lost", [1, MAX_ATTEMPTS])
def test_a_lost_answer_of_the_database_makes_no_second_job(
    platform: Platform, ada: Client, lost: int
) -> None:
    left = ["lost"] * lost

    def lose_answers(call: Call) -> Fault | None:
        is_lost = call.operation == "TransactWriteItems" and left
        return Fault.TIMEOUT_AFTER if is_lost and left.pop() else None

    platform.fault = lose_answers
    answer = ada.submit("smollm2-135m", samples.PROMPT)
    platform.clock.advance(2)

    assert answer.status == 202
    assert ada.job(answer.json["id"])["status"] == "succeeded"
    assert ada.spent_nanos == samples.CHAT_NANOS


def test_sixteen_at_once_with_one_key_make_one_job(racing: Racing) -> None:
    who = seeds.customer(racing.stage, bought_nanos=10**8)
    body = {"model": "smollm2-135m", "input": samples.PROMPT}

    with ThreadPoolExecutor(16) as threads:
        answers = list(
            threads.map(
                lambda _: racing.send(
                    "POST",
                    "/v1/inference/jobs",
                    body=body,
                    bearer=who.key,
                    headers={"idempotency-key": KEY},
                ),
                range(16),
            )
        )

    assert {answer.status for answer in answers} <= {200, 202}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert len(racing.endpoints.invocations) == 1
