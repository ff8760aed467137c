"""Slots and queues: how much of one account is at a model, who waits, and who is next."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.inference.jobs import dispatch
from sluice.limits import limits_of
from tests.inference import samples
from tests.inference.platform import Client, Platform, Racing, always
from tests.invariants import flow_faults
from tests.seam import Call, Fault
from tests.seeds import Customer, customer, give_key
from tests.simulation.endpoints import Work

JOBS = "/v1/inference/jobs"
SLOTS = limits_of("free").in_flight
NEVER = Work(after_s=10**6)


@pytest.fixture(autouse=True)
def slow(platform: Platform) -> None:
    """Models take work and answer a minute later, unless a test says otherwise."""
    platform.model = always(Work(after_s=50, output=samples.completion()))


def submit(client: Client, **options: Any) -> str:
    body = {"model": "smollm2-135m", "input": samples.PROMPT} | options
    answer = client.send("POST", JOBS, body=body)
    assert answer.status == 202, answer.content
    job: str = answer.json["id"]
    return job


def sent(platform: Platform) -> list[str]:
    return [invocation.job for invocation in platform.endpoints.invocations]


def statuses(client: Client, jobs: list[str]) -> list[str]:
    return [client.job(job)["status"] for job in jobs]


def check(platform: Platform) -> None:
    faults = flow_faults(platform.stage.scan("jobs"))
    assert faults == [], faults


def test_what_has_no_slot_waits_and_is_told_so(platform: Platform, ada: Client) -> None:
    jobs = [submit(ada) for _ in range(SLOTS + 2)]

    assert statuses(ada, jobs) == ["accepted"] * SLOTS + ["queued"] * 2
    assert sent(platform) == jobs[:SLOTS]
    check(platform)


def test_who_waits_is_sent_in_order_as_slots_come_free(platform: Platform, ada: Client) -> None:
    jobs = []
    for _ in range(2 * SLOTS + 1):
        platform.clock.advance(1)
        jobs.append(submit(ada))

    platform.clock.advance(48)
    after_two = sent(platform)
    platform.clock.advance(300)

    assert after_two == jobs[: len(after_two)]
    assert SLOTS < len(after_two) < len(jobs)
    assert sent(platform) == jobs
    assert statuses(ada, jobs) == ["succeeded"] * len(jobs)
    assert ada.spent_nanos == len(jobs) * samples.CHAT_NANOS
    check(platform)


def test_the_urgent_of_an_account_goes_before_its_other_work(
    platform: Platform, ada: Client
) -> None:
    first = [submit(ada) for _ in range(SLOTS)]
    low, normal, high = (submit(ada, priority=name) for name in ("low", "normal", "high"))

    platform.clock.advance(300)

    assert sent(platform) == [*first, high, normal, low]


def test_another_account_waits_for_nobody(platform: Platform, ada: Client, mallory: Client) -> None:
    for _ in range(SLOTS + 20):
        submit(ada)

    job = submit(mallory)

    assert sent(platform)[-1] == job
    assert len(sent(platform)) == SLOTS + 1


def test_a_higher_tier_has_more_slots(platform: Platform, ada: Client) -> None:
    key = give_key(platform.stage, ada.who.account, tier="standard")
    raised = Client(platform, Customer(ada.who.account, key))

    jobs = [submit(raised) for _ in range(limits_of("standard").in_flight + 1)]

    assert statuses(raised, jobs).count("accepted") == limits_of("standard").in_flight > SLOTS


def test_each_model_has_slots_of_its_own(platform: Platform, ada: Client) -> None:
    for _ in range(SLOTS):
        submit(ada)

    job = submit(ada, model="e5-small", input={"input": "x"})

    assert sent(platform)[-1] == job


def test_cancelling_what_waits_costs_nothing_and_lets_nobody_pass(
    platform: Platform, ada: Client
) -> None:
    for _ in range(SLOTS):
        submit(ada)
    first, second = submit(ada), submit(ada)

    cancelled = ada.send("DELETE", f"{JOBS}/{first}")
    check(platform)
    platform.clock.advance(300)

    assert cancelled.json["status"] == "canceled"
    assert first not in sent(platform)
    assert ada.job(second)["status"] == "succeeded"
    assert ada.spent_nanos == (SLOTS + 1) * samples.CHAT_NANOS


def test_what_is_cancelled_at_its_model_keeps_its_slot_until_the_model_is_done(
    platform: Platform, ada: Client
) -> None:
    jobs = [submit(ada) for _ in range(SLOTS)]
    for job in jobs:
        ada.send("DELETE", f"{JOBS}/{job}")
    late = submit(ada)
    before = ada.job(late)["status"]

    platform.clock.advance(51)

    assert before == "queued"
    assert sent(platform)[-1] == late
    check(platform)


def test_a_model_that_never_answers_frees_the_slots_of_what_was_cancelled(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(NEVER)
    jobs = [submit(ada) for _ in range(SLOTS)]
    for job in jobs:
        ada.send("DELETE", f"{JOBS}/{job}")
    late = submit(ada)

    platform.clock.advance(3600)
    platform.sweep()

    assert sent(platform)[-1] == late
    assert platform.sweep()["flows"] == 0
    check(platform)


def test_what_is_blocked_at_the_door_passes_its_slot_on(platform: Platform, ada: Client) -> None:
    jobs = [submit(ada) for _ in range(SLOTS - 1)]

    blocked = ada.submit("smollm2-135m", samples.prompt("FORBIDDEN")).json
    jobs.append(submit(ada))

    assert blocked["status"] == "blocked"
    assert sent(platform) == jobs
    check(platform)


def test_what_is_blocked_when_its_turn_comes_lets_the_next_one_pass(
    platform: Platform, ada: Client
) -> None:
    jobs = [submit(ada) for _ in range(SLOTS)]
    blocked = submit(ada, input=samples.prompt("FORBIDDEN"))
    last = submit(ada)

    platform.clock.advance(51)

    assert ada.job(blocked)["status"] == "blocked"
    assert sent(platform) == [*jobs, last]
    check(platform)


def test_a_worker_that_dies_before_it_sends_the_next_is_healed_by_the_sweeper(
    platform: Platform, ada: Client
) -> None:
    jobs = [submit(ada) for _ in range(SLOTS)]
    waiting = submit(ada)
    platform.fault = lambda call: (
        Fault.SERVER_ERROR if call.operation == "Query" and b"QUEUE#" in call.body else None
    )
    platform.clock.advance(51)
    stuck = ada.job(waiting)["status"]
    platform.fault = lambda call: None

    swept = platform.sweep()
    platform.clock.advance(51)

    assert stuck == "queued"
    assert swept["flows"] == 1
    assert statuses(ada, [*jobs, waiting]) == ["succeeded"] * (SLOTS + 1)


def test_what_waits_costs_the_sweeper_nothing(platform: Platform, ada: Client) -> None:
    platform.model = always(NEVER)

    for _ in range(SLOTS + 1):
        submit(ada)
    for _ in range(2 + dispatch.MAX_RESENDS):
        platform.clock.advance(140)
        platform.sweep()
    platform.calls.clear()

    platform.sweep()
    few = platform.operations()
    for _ in range(20):
        submit(ada)
    platform.calls.clear()
    platform.sweep()
    many = platform.operations()

    assert many == few


def test_a_queue_has_an_end(
    platform: Platform, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sluice import limits

    short = limits.Limits(key_rate=1, account_rate=2, in_flight=SLOTS, waiting=2)
    monkeypatch.setattr(limits, "TIERS", {"free": short})
    for _ in range(SLOTS + 2):
        submit(ada)

    refused = ada.submit("smollm2-135m", samples.PROMPT)

    assert (refused.status, refused.json["code"]) == (429, "queue_full")
    assert int(refused.headers["retry-after"]) > 0
    check(platform)


def test_a_large_input_waits_in_s3(platform: Platform, ada: Client) -> None:
    for _ in range(SLOTS):
        submit(ada)
    large = submit(ada, input=samples.prompt("word " * 1_500))

    platform.clock.advance(51)

    assert b"word word" in platform.endpoints.invocations[-1].payload
    assert sent(platform)[-1] == large


def test_a_large_input_that_comes_after_a_slot_was_free_is_not_lost(
    platform: Platform, ada: Client
) -> None:
    for _ in range(SLOTS):
        submit(ada)

    def free_slots_first(call: Call) -> Fault | None:
        if call.operation == "PutObject" and "inputs/" in call.url:
            platform.fault = lambda call: None
            platform.clock.advance(51)
        return None

    platform.fault = free_slots_first

    large = submit(ada, input=samples.prompt("word " * 1_500))

    assert sent(platform)[-1] == large
    check(platform)


# Deadlines


def test_what_still_waits_at_its_deadline_expires_uncharged(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(NEVER)
    for _ in range(SLOTS):
        submit(ada)
    hurried = submit(ada, deadline_s=30)

    platform.clock.advance(60)
    platform.sweep()

    assert ada.job(hurried)["status"] == "expired"
    assert hurried not in sent(platform)
    check(platform)


def test_an_answer_after_the_callers_deadline_is_neither_given_nor_charged(
    platform: Platform, ada: Client
) -> None:
    hurried = submit(ada, deadline_s=30)

    platform.clock.advance(51)

    job = ada.job(hurried)
    assert (job["status"], job["result"]) == ("expired", None)
    assert ada.spent_nanos == 0
    assert platform.results == []
    check(platform)


def test_a_running_job_expires_by_the_callers_deadline(platform: Platform, ada: Client) -> None:
    platform.model = always(NEVER)
    hurried = submit(ada, deadline_s=30)

    platform.clock.advance(31)
    platform.sweep()

    assert ada.job(hurried)["status"] == "expired"


@pytest.mark.parametrize("options", [{"deadline_s": 0}, {"deadline_s": 10**9}, {"priority": "1"}])
def test_options_that_mean_nothing_are_refused(ada: Client, options: Any) -> None:
    body = {"model": "smollm2-135m", "input": samples.PROMPT} | options

    answer = ada.send("POST", JOBS, body=body)

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")


# Races, on the emulator


def test_exactly_as_many_as_there_are_slots_pass_at_once(racing: Racing) -> None:
    who = customer(racing.stage, bought_nanos=10**9)

    def ask(number: int) -> int:
        return racing.send(
            "POST",
            JOBS,
            bearer=who.key,
            body={"model": "smollm2-135m", "input": samples.PROMPT},
            headers={"idempotency-key": f"{number}"},
        ).status

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(ask, range(24)))

    accepted = answers.count(202)
    assert set(answers) <= {202, 503}
    assert len(racing.endpoints.invocations) == SLOTS
    items = racing.stage.scan("jobs")
    assert flow_faults(items) == []
    assert sum(item["sk"] == "JOB" for item in items) == accepted > SLOTS
