"""What those who wait are told: a place in the queue and an estimate, or that nobody knows."""

import json
from typing import Any

import pytest

from sluice.limits import limits_of
from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.replaced import forget_everything
from tests.seam import Fault
from tests.simulation.endpoints import Work

JOBS = "/v1/inference/jobs"
MODEL = "smollm2-135m"
SLOTS = limits_of("free").in_flight
WAKE_S, TYPICAL_S = 600, 20
NOTHING = (None, None)


@pytest.fixture(autouse=True)
def never(platform: Platform) -> None:
    """Models take work, and these tests do not wait for their answer."""
    platform.model = always(Work(after_s=10**6, output=samples.completion()))


def serve(platform: Platform, monkeypatch: pytest.MonkeyPatch, **facts: Any) -> None:
    served = {"endpoint": "sluice-test-one", "wake_s": WAKE_S, "timeout_s": 60} | facts
    monkeypatch.setenv("ENDPOINTS", json.dumps({MODEL: served}))
    forget_everything(keep_clients=True)


@pytest.fixture
def known(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model whose typical request takes twenty seconds."""
    serve(platform, monkeypatch, typical_s=TYPICAL_S)


def submit(client: Client, count: int = 1) -> list[str]:
    made = []
    for _ in range(count):
        client.platform.clock.at_ms += 1
        answer = client.submit(MODEL, samples.PROMPT)
        assert answer.status == 202, answer.content
        assert (answer.json["queue_position"], answer.json["eta_s"]) == NOTHING
        made.append(answer.json["id"])
    return made


def outlook(client: Client, job: str) -> tuple[int | None, int | None]:
    shown = client.job(job)
    return shown["queue_position"], shown["eta_s"]


def asleep(platform: Platform) -> None:
    platform.awake = False
    platform.clock.advance(6)


@pytest.mark.usefixtures("known")
def test_a_job_at_a_model_that_is_awake_takes_what_is_usual(
    platform: Platform, ada: Client
) -> None:
    (job,) = submit(ada)

    at_first = outlook(ada, job)
    platform.clock.advance(15)

    assert at_first == (None, TYPICAL_S)
    assert outlook(ada, job) == (None, TYPICAL_S - 15)


@pytest.mark.usefixtures("known")
def test_what_takes_longer_than_usual_is_not_guessed_at(platform: Platform, ada: Client) -> None:
    (job,) = submit(ada)

    platform.clock.advance(TYPICAL_S)

    assert outlook(ada, job) == NOTHING


@pytest.mark.usefixtures("known")
def test_a_job_that_wakes_its_model_waits_for_that_first(platform: Platform, ada: Client) -> None:
    asleep(platform)
    first, second = submit(ada, 2)

    at_first = outlook(ada, first)
    platform.clock.advance(100)

    assert at_first == (None, WAKE_S + TYPICAL_S)
    assert outlook(ada, first) == (None, WAKE_S - 100 + TYPICAL_S)
    assert outlook(ada, second) == (None, WAKE_S - 100 + 2 * TYPICAL_S)


@pytest.mark.usefixtures("known")
def test_a_model_that_should_be_awake_and_is_not_has_no_estimate(
    platform: Platform, ada: Client
) -> None:
    asleep(platform)
    (job,) = submit(ada)

    platform.clock.advance(WAKE_S + 1)

    assert outlook(ada, job) == NOTHING


@pytest.mark.usefixtures("known")
def test_a_job_in_the_queue_is_told_its_place_and_waits_for_those_before_it(
    platform: Platform, ada: Client
) -> None:
    *_, second, third = submit(ada, SLOTS + 3)

    assert outlook(ada, second) == (2, (SLOTS + 1) * TYPICAL_S + TYPICAL_S)
    assert outlook(ada, third) == (3, (SLOTS + 2) * TYPICAL_S + TYPICAL_S)


@pytest.mark.usefixtures("known")
def test_a_place_moves_up_as_others_leave(platform: Platform, ada: Client) -> None:
    *_, first, second = submit(ada, SLOTS + 2)

    before = outlook(ada, second)
    ada.send("DELETE", f"{JOBS}/{first}")

    assert (before[0], outlook(ada, second)[0]) == (2, 1)
    assert outlook(ada, first) == NOTHING


def test_what_works_at_several_at_a_time_is_sooner_done(
    platform: Platform, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(platform, monkeypatch, typical_s=TYPICAL_S, concurrency=SLOTS)

    *_, job = submit(ada, SLOTS + 1)

    assert outlook(ada, job) == (1, 2 * TYPICAL_S)


def test_where_nothing_was_measured_a_place_is_all_that_is_known(
    platform: Platform, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(platform, monkeypatch)
    sent, *_, waiting = submit(ada, SLOTS + 1)

    assert outlook(ada, sent) == NOTHING
    assert outlook(ada, waiting) == (1, None)


def test_an_ended_job_and_a_list_have_no_outlook(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(after_s=1, output=samples.completion()))
    (job,) = submit(ada)
    platform.clock.advance(5)

    assert outlook(ada, job) == NOTHING
    (listed,) = ada.get(JOBS).json["data"]
    assert (listed["queue_position"], listed["eta_s"]) == NOTHING


@pytest.mark.usefixtures("known")
def test_a_job_is_shown_although_its_place_cannot_be_read(platform: Platform, ada: Client) -> None:
    *_, job = submit(ada, SLOTS + 1)
    platform.fault = lambda call: Fault.SERVER_ERROR if call.operation == "Query" else None

    shown = ada.job(job)

    assert shown["status"] == "queued"
    assert (shown["queue_position"], shown["eta_s"]) == NOTHING


@pytest.mark.usefixtures("known")
def test_looking_costs_one_read_more_while_the_job_waits(platform: Platform, ada: Client) -> None:
    sent, *_, waiting = submit(ada, SLOTS + 1)
    ada.job(sent)
    calls = {}
    for name, job in (("sent", sent), ("waiting", waiting)):
        platform.calls.clear()
        ada.job(job)
        calls[name] = platform.operations()

    assert calls == {"sent": ["GetItem"], "waiting": ["GetItem", "Query"]}


@pytest.mark.usefixtures("known")
def test_while_a_model_wakes_looking_costs_one_read_more(platform: Platform, ada: Client) -> None:
    asleep(platform)
    (job,) = submit(ada)
    ada.job(job)
    platform.calls.clear()

    ada.job(job)

    assert platform.operations() == ["GetItem", "GetItem"]


# The model's page


def page(client: Client) -> tuple[int | None, int | None, int | None]:
    shown = client.get(f"/v1/inference/models/{MODEL}").json
    return shown["queue_position"], shown["expected_wait_s"], shown["eta_s"]


@pytest.mark.usefixtures("known")
def test_a_model_says_what_a_job_sent_now_may_expect(platform: Platform, ada: Client) -> None:
    idle = page(ada)
    submit(ada, SLOTS + 2)
    busy = page(ada)
    asleep(platform)

    assert idle == (None, 0, TYPICAL_S)
    assert busy == (3, (SLOTS + 2) * TYPICAL_S, (SLOTS + 3) * TYPICAL_S)
    assert page(ada)[1] == WAKE_S + (SLOTS + 2) * TYPICAL_S
    assert ada.get(f"/v1/inference/models/{MODEL}").json["typical_s"] == TYPICAL_S


@pytest.mark.usefixtures("known")
def test_a_model_s_estimate_is_what_the_job_is_then_told(platform: Platform, ada: Client) -> None:
    submit(ada, SLOTS + 1)

    position, _, eta_s = page(ada)
    (job,) = submit(ada)

    assert outlook(ada, job) == (position, eta_s)


def test_where_nothing_was_measured_a_model_says_so(
    platform: Platform, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(platform, monkeypatch)
    idle = page(ada)
    submit(ada)

    assert idle == (None, 0, None)
    assert page(ada) == (None, None, None)


def test_what_is_not_served_has_no_outlook(ada: Client) -> None:
    shown = ada.get("/v1/inference/models/qwen2-5-7b").json

    told = [shown[name] for name in ("queue_position", "expected_wait_s", "eta_s", "typical_s")]
    assert told == [None] * 4
