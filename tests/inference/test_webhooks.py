"""Webhooks and their deliveries at the API, and on their way to receivers."""

import itertools
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.inference.webhooks import store
from functions.inference.webhooks.sender import Letter, Outcome
from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.inference.receivers import (
    URL,
    Mail,
    answers,
    connect,
    create,
    fails,
    is_signed_by,
)
from tests.simulation.endpoints import Work

HOOKS = "/v1/inference/webhooks"
DELIVERIES = "/v1/inference/deliveries"
HOST = "hooks.example.com"
DAY_S = 24 * 3600
HOUR_S = 3600


@pytest.fixture
def mail(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Mail:
    return connect(platform, monkeypatch)


def ended(client: Client, **webhook: Any) -> str:
    """A chat that has succeeded."""
    body = {"model": "smollm2-135m", "input": samples.PROMPT}
    told = {"webhook": webhook} if webhook else {}
    job: str = client.send("POST", "/v1/inference/jobs", body=body | told).json["id"]
    client.platform.clock.advance(2)
    assert client.job(job)["status"] == "succeeded"
    return job


def told(mail: Mail, client: Client, **webhook: Any) -> str:
    job = ended(client, **webhook)
    mail.stream(job)
    mail.platform.clock.advance(0.1)
    return job


def delivery_of(client: Client, job: str) -> Any:
    (found,) = client.get(DELIVERIES, query={"job": job}).json["data"]
    return found


# Who may


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", HOOKS),
        ("GET", HOOKS),
        ("GET", f"{HOOKS}/default"),
        ("POST", f"{HOOKS}/default/rotate"),
        ("GET", f"{HOOKS}/whk_1"),
        ("PATCH", f"{HOOKS}/whk_1"),
        ("DELETE", f"{HOOKS}/whk_1"),
        ("POST", f"{HOOKS}/whk_1/rotate"),
        ("POST", f"{HOOKS}/whk_1/test"),
        ("GET", f"{HOOKS}/whk_1/deliveries"),
        ("GET", DELIVERIES),
        ("GET", f"{DELIVERIES}/dlv_1"),
        ("POST", f"{DELIVERIES}/dlv_1/redeliver"),
    ],
)
def test_who_is_anonymous_gets_nowhere(platform: Platform, method: str, path: str) -> None:
    assert platform.send(method, path, body={"url": URL}).status == 401


@pytest.mark.parametrize(
    ("method", "after"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/rotate"),
        ("POST", "/test"),
        ("GET", "/deliveries"),
    ],
)
def test_somebody_elses_webhook_does_not_exist(
    mail: Mail, ada: Client, mallory: Client, method: str, after: str
) -> None:
    webhook = create(ada)

    body = {"enabled": False} if method == "PATCH" else None
    answer = mallory.send(method, f"{HOOKS}/{webhook['id']}{after}", body=body)

    assert (answer.status, answer.json["code"]) == (404, "webhook_not_found")
    assert ada.get(f"{HOOKS}/{webhook['id']}").json["enabled"] is True


@pytest.mark.parametrize(("method", "after"), [("GET", ""), ("POST", "/redeliver")])
def test_somebody_elses_delivery_does_not_exist(
    mail: Mail, ada: Client, mallory: Client, method: str, after: str
) -> None:
    create(ada)
    delivery = delivery_of(ada, job := told(mail, ada))

    answer = mallory.send(method, f"{DELIVERIES}/{delivery['id']}{after}")
    listed = mallory.get(DELIVERIES, query={"job": job})

    assert (answer.status, answer.json["code"]) == (404, "delivery_not_found")
    assert (listed.status, listed.json["code"]) == (404, "job_not_found")
    assert mallory.get(DELIVERIES).json["data"] == []


# Making and changing them


def test_a_secret_is_shown_once(ada: Client) -> None:
    made = create(ada, description="mine")
    shown = ada.get(f"{HOOKS}/{made['id']}")

    assert made["secret"].startswith("whsec_")
    assert made["secret"].encode() not in shown.content
    assert {**shown.json, "secret": made["secret"]} == made
    assert ada.get(HOOKS).json["data"] == [shown.json]
    stored = json.dumps(ada.platform.stage.scan("jobs"), default=str)
    assert made["secret"].removeprefix("whsec_") not in stored


def test_the_same_key_makes_one_webhook(ada: Client) -> None:
    wish = {"url": URL, "events": ["job.failed"]}
    key = {"idempotency-key": "one"}

    first = ada.send("POST", HOOKS, body=wish, headers=key)
    second = ada.send("POST", HOOKS, body=wish, headers=key)
    other = ada.send("POST", HOOKS, body={"url": URL}, headers=key)

    assert second.json == first.json | {"secret": None}
    assert second.headers["idempotent-replayed"] == "true"
    assert (other.status, other.json["code"]) == (422, "idempotency_mismatch")
    assert len(ada.get(HOOKS).json["data"]) == 1


def test_an_account_has_at_most_ten(ada: Client) -> None:
    for _ in range(10):
        create(ada)

    answer = ada.send("POST", HOOKS, body={"url": URL})

    assert (answer.status, answer.json["code"]) == (409, "too_many_webhooks")


@pytest.mark.parametrize(
    "body",
    [
        {"url": URL, "events": ["job.started"]},
        {"url": URL, "secret": "whsec_mine"},
        {"url": ""},
        {"url": "https://example.com/" + "x" * 2048},
        {"events": []},
    ],
)
def test_what_is_no_webhook_is_refused(ada: Client, body: dict[str, Any]) -> None:
    assert ada.send("POST", HOOKS, body=body).status == 422


def test_a_deleted_webhook_is_told_nothing(mail: Mail, ada: Client) -> None:
    webhook = create(ada)

    answer = ada.send("DELETE", f"{HOOKS}/{webhook['id']}")
    told(mail, ada)

    assert answer.status == 204
    assert ada.get(HOOKS).json["data"] == []
    assert mail.receivers.received == []


# What is sent


def test_the_end_of_a_job_is_told_once_signed_and_as_the_api_shows_it(
    mail: Mail, ada: Client
) -> None:
    webhook = create(ada)

    job = told(mail, ada)
    mail.stream(job)
    mail.pass_time(2 * DAY_S)

    (received,) = mail.receivers.received
    assert is_signed_by(webhook["secret"], received.letter)
    assert received.json["type"] == "job.succeeded"
    assert received.json["data"] == ada.job(job)
    assert received.json["timestamp"] == ada.job(job)["ended_at"]
    delivery = delivery_of(ada, job)
    assert delivery["id"] == received.id
    assert delivery["state"] == "delivered"
    assert [attempt["status"] for attempt in delivery["attempts"]] == [204]
    assert mail.failures == []


def test_pictures_come_as_links(mail: Mail, ada: Client) -> None:
    create(ada)
    image = samples.base64_of(samples.picture())
    job = ada.submit("span-x4", {"image": image}).json["id"]
    mail.platform.clock.advance(5)

    mail.stream(job)
    mail.platform.clock.advance(0.1)

    (received,) = mail.receivers.received
    (shown,) = received.json["data"]["result"]["images"]
    link = shown["url"].removeprefix("http://localhost:8400")
    path, _, query = link.partition("?")
    answer = mail.platform.send("GET", path, query=dict(p.split("=") for p in query.split("&")))
    assert answer.status == 302


def test_a_result_that_is_too_large_is_left_out(mail: Mail, ada: Client) -> None:
    create(ada)
    mail.platform.model = always(Work(output=samples.completion("word " * 5_000)))

    job = told(mail, ada)

    (received,) = mail.receivers.received
    assert len(received.letter.body) < 20_000
    assert received.json["data"]["result"] is None
    assert received.json["links"]["job"].endswith(f"/v1/inference/jobs/{job}")


def test_a_filter_lets_through_what_it_names(mail: Mail, ada: Client) -> None:
    mail.receivers.behaviours["all.example.com"] = answers(200)
    create(ada, events=["job.failed", "job.blocked"])
    create(ada, "https://all.example.com/")
    mail.platform.model = always(Work(output=b"{"))
    failed = ada.submit("smollm2-135m", samples.PROMPT).json["id"]
    mail.platform.clock.advance(2)
    mail.platform.model = always(Work(output=samples.completion()))

    mail.stream(failed)
    told(mail, ada)

    sent = [(one.letter.url, one.json["type"]) for one in mail.receivers.received]
    assert sorted(sent) == [
        ("https://all.example.com/", "job.failed"),
        ("https://all.example.com/", "job.succeeded"),
        (URL, "job.failed"),
    ]


def test_a_job_s_own_webhook_is_signed_with_the_account_s_default_secret(
    mail: Mail, ada: Client
) -> None:
    assert ada.get(f"{HOOKS}/default").json["version"] == 0
    secret = ada.send("POST", f"{HOOKS}/default/rotate").json["secret"]

    told(mail, ada, url=URL, events=["job.failed"])
    job = told(mail, ada, url=URL)

    (received,) = mail.receivers.received
    assert is_signed_by(secret, received.letter)
    assert received.json["data"]["id"] == job
    assert delivery_of(ada, job)["url"] == URL
    assert ada.get(f"{HOOKS}/default").json["version"] == 1


def test_after_a_rotation_both_secrets_sign_for_a_day(mail: Mail, ada: Client) -> None:
    webhook = create(ada)
    path = f"{HOOKS}/{webhook['id']}/rotate"

    rotated = ada.send("POST", path, headers={"idempotency-key": "turn"}).json
    again = ada.send("POST", path, headers={"idempotency-key": "turn"})
    told(mail, ada)
    mail.platform.clock.advance(DAY_S)
    told(mail, ada)

    assert rotated["secret"] != webhook["secret"]
    assert again.json == rotated | {"secret": None}
    during, after = (one.letter for one in mail.receivers.received)
    assert is_signed_by(rotated["secret"], during)
    assert is_signed_by(webhook["secret"], during)
    assert is_signed_by(rotated["secret"], after)
    assert not is_signed_by(webhook["secret"], after)


def test_a_test_event_is_sent_whatever_the_filter_says(mail: Mail, ada: Client) -> None:
    webhook = create(ada, events=["job.blocked"])

    answer = ada.send("POST", f"{HOOKS}/{webhook['id']}/test")
    mail.platform.clock.advance(0.1)

    (received,) = mail.receivers.received
    assert answer.status == 202
    assert (received.json["type"], received.id) == ("webhook.test", answer.json["id"])
    listed = ada.get(f"{HOOKS}/{webhook['id']}/deliveries").json["data"]
    assert [one["state"] for one in listed] == ["delivered"]


def test_tests_by_hand_cannot_pile_up(
    mail: Mail, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_PENDING_BY_HAND", 5)
    mail.receivers.behaviours[HOST] = fails("timeout")
    webhook = create(ada)

    statuses = [ada.send("POST", f"{HOOKS}/{webhook['id']}/test").status for _ in range(6)]

    assert statuses == [202] * 5 + [429]


def test_what_was_deleted_meanwhile_is_not_sent(mail: Mail, ada: Client) -> None:
    mail.receivers.behaviours[HOST] = answers(500)
    create(ada)
    job = told(mail, ada)

    ada.send("DELETE", f"/v1/inference/jobs/{job}")
    mail.receivers.behaviours[HOST] = answers(200)
    mail.pass_time(HOUR_S)

    first, last = mail.receivers.received[0], mail.receivers.received[-1]
    assert first.json["data"]["result"] is not None
    assert last.json["data"]["result"] is None
    assert last.json["data"]["deleted"] is True


# When it does not arrive


def test_a_receiver_that_is_down_for_a_day_loses_nothing(mail: Mail, ada: Client) -> None:
    mail.receivers.behaviours[HOST] = fails("connection_failed")
    webhook = create(ada)
    jobs = [told(mail, ada) for _ in range(3)]

    mail.pass_time(DAY_S)
    assert mail.receivers.taken() == []
    mail.receivers.behaviours[HOST] = answers(200)
    mail.pass_time(3 * DAY_S)

    assert sorted(one.json["data"]["id"] for one in mail.receivers.taken()) == sorted(jobs)
    assert all(is_signed_by(webhook["secret"], one.letter) for one in mail.receivers.received)
    assert [lane["pending"] for lane in mail.lanes()] == [0]
    assert not any("gsi1pk" in lane for lane in mail.lanes())


def test_ten_attempts_are_made_over_75_hours_with_one_id(mail: Mail, ada: Client) -> None:
    mail.receivers.behaviours[HOST] = answers(500, response="oh no")
    webhook = create(ada)

    job = told(mail, ada)
    mail.pass_time(5 * DAY_S)

    received = mail.receivers.received
    waits_s = [(b.at_ms - a.at_ms) / 1000 for a, b in itertools.pairwise(received)]
    planned_s = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert len(received) == 10
    for waited_s, least_s in zip(waits_s, planned_s, strict=True):
        assert least_s <= waited_s <= least_s * 1.1 + 62
    assert {one.id for one in received} == {delivery_of(ada, job)["id"]}
    assert len({one.letter.headers["webhook-timestamp"] for one in received}) == 10
    delivery = delivery_of(ada, job)
    assert (delivery["state"], delivery["reason"]) == ("failed", "exhausted")
    assert delivery["attempts"][0]["response"] == "oh no"
    shown = ada.get(f"{HOOKS}/{webhook['id']}").json
    assert shown["enabled"] is False
    assert shown["disabled_reason"].startswith("Every attempt since 2026-11-25T12:00:02")


def test_a_webhook_that_sometimes_succeeds_is_never_disabled(mail: Mail, ada: Client) -> None:
    webhook = create(ada)

    for _ in range(2):
        mail.receivers.behaviours[HOST] = answers(500)
        told(mail, ada)
        mail.pass_time(2 * DAY_S)
        mail.receivers.behaviours[HOST] = answers(200)
        told(mail, ada)
        mail.pass_time(60)

    assert ada.get(f"{HOOKS}/{webhook['id']}").json["enabled"] is True


def test_410_disables_at_once_and_enabling_makes_a_new_start(mail: Mail, ada: Client) -> None:
    mail.receivers.behaviours[HOST] = answers(410)
    webhook = create(ada)
    path = f"{HOOKS}/{webhook['id']}"

    job = told(mail, ada)
    disabled = ada.get(path).json
    told(mail, ada)
    refused = ada.send("POST", f"{path}/test")
    mail.receivers.behaviours[HOST] = answers(200)
    enabled = ada.send("PATCH", path, body={"enabled": True}).json
    again = ada.send("POST", f"{DELIVERIES}/{delivery_of(ada, job)['id']}/redeliver")
    mail.platform.clock.advance(1)

    assert (disabled["enabled"], disabled["disabled_reason"]) == (False, "It answered 410 Gone.")
    assert (refused.status, refused.json["code"]) == (409, "webhook_disabled")
    assert (enabled["enabled"], enabled["disabled_reason"]) == (True, None)
    assert again.status == 202
    assert [one.outcome.status for one in mail.receivers.received] == [410, 200]
    assert delivery_of(ada, job)["state"] == "delivered"


def test_retry_after_is_honoured_within_a_bound(mail: Mail, ada: Client) -> None:
    asked = iter([600, 10**9])

    def throttle(letter: Letter) -> Outcome:
        after_s = next(asked, None)
        return Outcome(7, 429 if after_s else 200, retry_after_s=after_s)

    mail.receivers.behaviours[HOST] = throttle
    create(ada)

    told(mail, ada)
    mail.pass_time(3 * DAY_S)

    moments_s = [one.at_ms / 1000 for one in mail.receivers.received]
    assert 600 <= moments_s[1] - moments_s[0] <= 600 + 62
    assert DAY_S <= moments_s[2] - moments_s[1] <= DAY_S + 92


def test_a_receiver_that_throttles_is_left_alone_with_all_that_waits(
    mail: Mail, ada: Client
) -> None:
    mail.receivers.behaviours[HOST] = answers(429, retry_after_s=600)
    create(ada)
    told(mail, ada)
    mail.receivers.behaviours[HOST] = answers(200)

    told(mail, ada)
    mail.pass_time(500)
    meanwhile = len(mail.receivers.received)
    mail.pass_time(DAY_S)

    assert meanwhile == 1
    assert len(mail.receivers.taken()) == 2


def test_redirects_are_failures(mail: Mail, ada: Client) -> None:
    mail.receivers.behaviours[HOST] = answers(302)
    create(ada)

    job = told(mail, ada)

    delivery = delivery_of(ada, job)
    assert delivery["state"] == "pending"
    assert delivery["attempts"][0]["status"] == 302


def test_a_delivery_on_its_way_is_not_sent_twice_by_hand(mail: Mail, ada: Client) -> None:
    mail.receivers.behaviours[HOST] = answers(500)
    create(ada)
    delivery = delivery_of(ada, told(mail, ada))

    answer = ada.send("POST", f"{DELIVERIES}/{delivery['id']}/redeliver")

    assert (answer.status, answer.json["code"]) == (409, "delivery_pending")


def test_what_a_deleted_webhook_still_had_to_come_fails(mail: Mail, ada: Client) -> None:
    mail.receivers.behaviours[HOST] = answers(500)
    webhook = create(ada)
    job = told(mail, ada)

    ada.send("DELETE", f"{HOOKS}/{webhook['id']}")
    mail.pass_time(DAY_S)

    delivery = delivery_of(ada, job)
    assert (delivery["state"], delivery["reason"]) == ("failed", "webhook_not_found")
    assert len(mail.receivers.received) == 1


# One receiver and another


def test_a_hanging_receiver_has_few_in_flight_and_keeps_nobody_waiting(
    mail: Mail, ada: Client, mallory: Client
) -> None:
    def hang(letter: Letter) -> Outcome:
        mail.platform.clock.at_ms += 15_000 // 8  # eight side by side take fifteen seconds
        return Outcome(15_000, error="timeout")

    mail.receivers.behaviours["slow.example.com"] = hang
    create(mallory, "https://slow.example.com/")
    create(ada)
    for _ in range(10):
        mail.stream(ended(mallory))

    begun_ms = mail.platform.clock.at_ms
    job = ended(ada)
    mail.stream(job)
    mail.platform.clock.advance(60)

    (good,) = [one for one in mail.receivers.received if HOST in one.letter.url]
    assert good.at_ms - begun_ms < 20_000, "two seconds for the job, a time-out of the other's"
    assert mail.receivers.most_at_once <= 8
    mail.pass_time(HOUR_S / 2)
    attempts = [one.at_ms for one in mail.receivers.received if "slow" in one.letter.url]
    runs = {at_ms // 20_000 for at_ms in attempts}
    assert len(runs) < HOUR_S / 240, "it rests, so it takes a worker's time but seldom"


def test_single_jobs_to_one_host_share_a_lane_and_others_have_their_own(
    mail: Mail, ada: Client
) -> None:
    told(mail, ada, url="https://one.example.com/a")
    told(mail, ada, url="https://one.example.com/b")
    told(mail, ada, url="https://two.example.com/a")

    assert sorted(lane["arrivals"] for lane in mail.lanes()) == [1, 2]


def test_a_lost_message_costs_a_minute(mail: Mail, ada: Client) -> None:
    create(ada)
    job = ended(ada)
    mail.platform.fault = lambda call: None
    mail.stream(job)
    mail.platform.clock._due.clear()  # noqa: SLF001  # the queue loses all it has

    mail.pass_time(61)

    assert len(mail.receivers.taken()) == 1


def test_times_are_told_in_utc(mail: Mail, ada: Client) -> None:
    create(ada)
    job = told(mail, ada)

    at = datetime.fromisoformat(delivery_of(ada, job)["attempts"][0]["at"])

    assert at.tzinfo == UTC
