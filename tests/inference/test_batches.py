"""Many jobs in one request: each for itself, the key for all."""

from typing import Any

import pytest

from sluice.limits import limits_of
from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.simulation.endpoints import Work

BATCH = "/v1/inference/jobs/batch"
CHAT = {"model": "smollm2-135m", "input": samples.PROMPT}
SLOTS = limits_of("free").in_flight


@pytest.fixture(autouse=True)
def slow(platform: Platform) -> None:
    platform.model = always(Work(after_s=50, output=samples.completion()))


@pytest.fixture
def ada(platform: Platform) -> Client:
    return platform.customer(10**10)


def send(client: Client, *jobs: Any, key: str = "") -> Any:
    headers = {"idempotency-key": key} if key else {}
    return client.send("POST", BATCH, body={"jobs": list(jobs)}, headers=headers)


def test_who_is_anonymous_sends_no_batch(platform: Platform) -> None:
    answer = platform.send("POST", BATCH, body={"jobs": [CHAT]})

    assert (answer.status, answer.json["code"]) == (401, "unauthenticated")


def test_each_order_has_its_own_job_or_problem(platform: Platform, ada: Client) -> None:
    answer = send(
        ada,
        CHAT,
        {"model": "nobody", "input": {}},
        {"model": "smollm2-135m", "input": {"messages": "x"}},
        {"input": {}},
        "no order",
        CHAT,
    )

    assert answer.status == 200
    entries = answer.json["data"]
    assert [entry["index"] for entry in entries] == list(range(6))
    assert [entry["status"] for entry in entries] == [202, 404, 422, 422, 422, 202]
    assert [bool(entry["job"]) for entry in entries] == [True, *[False] * 4, True]
    assert entries[1]["problem"]["code"] == "model_not_found"
    platform.clock.advance(60)
    assert 10**10 - ada.money["available"] == 2 * samples.CHAT_NANOS


def test_the_key_stands_for_the_whole_batch(platform: Platform, ada: Client) -> None:
    first = send(ada, CHAT, CHAT, key="k").json["data"]

    again = send(ada, CHAT, CHAT, key="k").json["data"]
    other = send(ada, CHAT, key="k")

    assert [entry["job"]["id"] for entry in again] == [entry["job"]["id"] for entry in first]
    assert [entry["replayed"] for entry in first + again] == [False, False, True, True]
    assert (other.status, other.json["code"]) == (422, "idempotency_mismatch")
    assert len(platform.endpoints.invocations) == 2


def test_what_was_refused_is_tried_again_under_the_same_key(platform: Platform) -> None:
    poor = platform.customer(1_200_000)
    orders = [CHAT | {"input": samples.PROMPT | {"max_tokens": 32}}] * 2

    first = send(poor, *orders, key="k").json["data"]
    platform.clock.advance(60)
    again = send(poor, *orders, key="k").json["data"]

    assert [entry["status"] for entry in first] == [202, 402]
    assert again[0]["replayed"] is True
    assert again[1]["status"] == 402


def test_a_batch_counts_as_many_requests_as_it_has_orders(platform: Platform, ada: Client) -> None:
    for _ in range(50):
        ada.submit("smollm2-135m", samples.PROMPT)

    entries = send(ada, *[CHAT] * 15).json["data"]

    assert [entry["status"] for entry in entries] == [202] * 10 + [429] * 5
    assert ada.submit("smollm2-135m", samples.PROMPT).status == 429


def test_a_batch_is_counted_and_looked_for_at_once(platform: Platform, ada: Client) -> None:
    for _ in range(SLOTS + 1):
        ada.submit("smollm2-135m", samples.PROMPT)
    platform.calls.clear()

    send(ada, *[CHAT] * 20, key="k")

    assert platform.operations() == [
        "BatchGetItem",  # whether the key was used
        "UpdateItem",  # the rate, for all
        *["TransactWriteItems"] * 20,
    ]


def test_a_hundred_orders_are_a_batch(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(after_s=10**6))
    embedding = {"model": "e5-small", "input": {"input": "x"}}

    answer = send(ada, *[CHAT, embedding] * 50)

    entries = answer.json["data"]
    assert [entry["index"] for entry in entries] == list(range(100))
    assert {entry["status"] for entry in entries} == {202}
    assert len({entry["job"]["id"] for entry in entries}) == 100
    statuses = [entry["job"]["status"] for entry in entries]
    assert (statuses.count("accepted"), statuses.count("queued")) == (2 * SLOTS, 100 - 2 * SLOTS)


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_has_a_size(ada: Client, count: int) -> None:
    answer = send(ada, *[CHAT] * count)

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
