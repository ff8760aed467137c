"""The way of one job, as its timeline tells it."""

from typing import Any

import pytest

from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.inference.receivers import Mail, answers, connect, create, fails
from tests.simulation.endpoints import Work

JOBS = "/v1/inference/jobs"
HOST, OWN_HOST = "hooks.example.com", "own.example.com"
OWN_URL = f"https://{OWN_HOST}/told"
DAY_S = 24 * 3600


@pytest.fixture
def mail(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Mail:
    return connect(platform, monkeypatch)


def timeline(client: Client, job: str) -> list[Any]:
    answer = client.get(f"{JOBS}/{job}/timeline")
    assert answer.status == 200, answer.content
    events: list[Any] = answer.json["data"]
    return events


def ended(client: Client, **webhook: Any) -> str:
    """A job that has succeeded a moment ago."""
    body = {"model": "smollm2-135m", "input": samples.PROMPT}
    told = {"webhook": webhook} if webhook else {}
    job: str = client.send("POST", JOBS, body=body | told).json["id"]
    client.platform.clock.advance(2)
    return job


def told(mail: Mail, job: str, seconds: float = 1) -> None:
    mail.stream(job)
    mail.pass_time(seconds)


def test_a_timeline_tells_the_whole_way(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(after_s=50, output=samples.completion()))
    jobs = []
    for _ in range(6):
        platform.clock.advance(1)
        jobs.append(ada.submit("smollm2-135m", samples.PROMPT).json["id"])

    waiting = timeline(ada, jobs[5])
    platform.clock.advance(200)
    over = timeline(ada, jobs[5])

    assert [event["event"] for event in waiting] == ["accepted", "queued"]
    assert waiting[1]["position"] == 2
    names = [event["event"] for event in over]
    assert names == ["accepted", "queued", "dispatched", "ended", "billed"]
    assert over[3]["status"] == "succeeded"
    assert over[4]["charged"]["nanos"] == str(samples.CHAT_NANOS)
    assert [event["at"] for event in over] == sorted(event["at"] for event in over)


def test_somebody_elses_timeline_does_not_exist(mail: Mail, ada: Client, mallory: Client) -> None:
    create(ada)
    told(mail, job := ended(ada))

    answer = mallory.get(f"{JOBS}/{job}/timeline")

    assert (answer.status, answer.json["code"]) == (404, "job_not_found")


# Webhooks


def test_each_receiver_that_was_told_has_an_event(mail: Mail, ada: Client) -> None:
    webhook = create(ada)
    told(mail, job := ended(ada, url=OWN_URL))

    events = timeline(ada, job)

    names = [event["event"] for event in events]
    assert names == ["accepted", "dispatched", "ended", "billed", "delivered", "delivered"]
    deliveries = [event["delivery"] for event in events[4:]]
    assert {(one["webhook"], one["url"]) for one in deliveries} == {
        (webhook["id"], None),
        (None, OWN_URL),
    }
    assert [(one["attempts"], one["status"]) for one in deliveries] == [(1, 204), (1, 204)]
    logged = ada.get("/v1/inference/deliveries", query={"job": job}).json["data"]
    assert {(one["id"], one["attempts"][-1]["at"]) for one in logged} == {
        (event["delivery"]["id"], event["at"]) for event in events[4:]
    }


def test_a_delivery_that_is_tried_again_says_so_until_it_arrives(mail: Mail, ada: Client) -> None:
    mail.receivers.behaviours[HOST] = answers(500)
    create(ada)
    told(mail, job := ended(ada))

    trying = timeline(ada, job)[-1]
    mail.receivers.behaviours[HOST] = answers(200)
    mail.pass_time(120)
    arrived = timeline(ada, job)[-1]

    assert (trying["event"], trying["delivery"]["attempts"]) == ("delivering", 1)
    assert trying["delivery"]["status"] == 500
    assert trying["at"] < trying["delivery"]["next_attempt_at"] <= arrived["at"]
    assert (arrived["event"], arrived["delivery"]["attempts"]) == ("delivered", 2)
    assert (arrived["delivery"]["status"], arrived["delivery"]["next_attempt_at"]) == (200, None)


def test_a_delivery_that_was_given_up_says_why(mail: Mail, ada: Client) -> None:
    mail.receivers.behaviours[HOST] = fails("timeout")
    mail.receivers.behaviours[OWN_HOST] = answers(410)
    create(ada)
    told(mail, job := ended(ada, url=OWN_URL), 5 * DAY_S)

    *_, gone, given_up = timeline(ada, job)

    assert (gone["event"], gone["delivery"]["reason"]) == ("undelivered", "gone")
    assert (given_up["event"], given_up["delivery"]["reason"]) == ("undelivered", "exhausted")
    assert (given_up["delivery"]["attempts"], given_up["delivery"]["error"]) == (10, "timeout")


def test_one_whose_first_attempt_is_still_to_come_says_when(mail: Mail, ada: Client) -> None:
    create(ada)
    job = ended(ada)
    mail.stream(job)

    event = timeline(ada, job)[-1]

    assert (event["event"], event["delivery"]["attempts"]) == ("delivering", 0)
    assert event["delivery"]["next_attempt_at"] == event["at"] == ada.job(job)["ended_at"]


def test_who_wants_no_webhook_has_no_such_event(mail: Mail, ada: Client) -> None:
    create(ada, events=["job.failed"])
    told(mail, job := ended(ada))

    assert {event["event"] for event in timeline(ada, job)} == {
        "accepted",
        "dispatched",
        "ended",
        "billed",
    }


def test_jobs_that_end_together_are_not_mistaken_for_one_another(mail: Mail, ada: Client) -> None:
    create(ada)
    body = {"model": "smollm2-135m", "input": samples.PROMPT}
    jobs = [ada.send("POST", JOBS, body=body).json["id"] for _ in range(3)]
    ada.platform.clock.advance(2)
    mail.stream(*jobs)
    mail.pass_time(1)

    events = [timeline(ada, job)[-1] for job in jobs]

    assert len({event["delivery"]["id"] for event in events}) == 3
    for job, event in zip(jobs, events, strict=True):
        delivery = ada.get(f"/v1/inference/deliveries/{event['delivery']['id']}").json
        assert delivery["job"] == job


def test_a_timeline_reads_the_log_by_its_keys_and_only_once_the_job_has_ended(
    mail: Mail, ada: Client
) -> None:
    create(ada)
    open_job = ada.submit("smollm2-135m", samples.PROMPT).json["id"]
    mail.platform.calls.clear()

    timeline(ada, open_job)
    while_open = mail.platform.operations()
    mail.platform.clock.advance(2)
    mail.platform.calls.clear()
    timeline(ada, open_job)

    assert while_open == ["GetItem"]
    assert mail.platform.operations() == ["GetItem", "Query"]
    assert b"begins_with" in mail.platform.calls[-1].body
