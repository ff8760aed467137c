"""Jobs from the door to the bill, and what callers do with them."""

import re

import pytest

from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.simulation.endpoints import Work

JOBS = "/v1/inference/jobs"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", JOBS),
        ("GET", JOBS),
        ("GET", f"{JOBS}/job_1"),
        ("DELETE", f"{JOBS}/job_1"),
        ("GET", f"{JOBS}/job_1/timeline"),
        ("DELETE", "/v1/inference/uploads/upl_1"),
        ("POST", "/v1/inference/uploads"),
        ("GET", "/v1/inference/models"),
        ("GET", "/v1/inference/models/e5-small"),
    ],
)
def test_who_is_anonymous_gets_nowhere(platform: Platform, method: str, path: str) -> None:
    answer = platform.send(method, path, body={"model": "e5-small", "input": {"input": "x"}})

    assert answer.status == 401
    assert answer.json["code"] == "unauthenticated"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_somebody_elses_job_does_not_exist(ada: Client, mallory: Client, method: str) -> None:
    job = ada.submit("smollm2-135m", samples.PROMPT).json["id"]

    answer = mallory.send(method, f"{JOBS}/{job}")

    assert (answer.status, answer.json["code"]) == (404, "job_not_found")
    assert ada.job(job)["status"] == "accepted"


def test_a_chat_is_held_answered_and_charged_exactly(platform: Platform, ada: Client) -> None:
    accepted = ada.submit("smollm2-135m", samples.PROMPT)
    held = ada.money["held"]
    platform.clock.advance(2)
    job = ada.job(accepted.json["id"])

    assert accepted.status == 202
    assert accepted.headers["location"] == f"{JOBS}/{job['id']}"
    assert held == int(accepted.json["price"]["held"]["nanos"]) > samples.CHAT_NANOS
    assert job["status"] == "succeeded"
    assert job["result"]["choices"][0]["message"] == {
        "role": "assistant",
        "content": samples.ANSWER,
    }
    assert job["usage"] == {"request": 1, "input_token": 12, "output_token": 5}
    assert job["price"]["charged"] == {"usd": "0.00088", "nanos": str(samples.CHAT_NANOS)}
    assert ada.spent_nanos == samples.CHAT_NANOS


def test_embeddings_of_several_texts_are_charged_by_token(platform: Platform, ada: Client) -> None:
    accepted = ada.submit("e5-small", {"input": ["query: a", "passage: b"]})
    platform.clock.advance(2)
    job = ada.job(accepted.json["id"])

    assert [len(entry["embedding"]) for entry in job["result"]["data"]] == [384, 384]
    tokens_nanos = 2 * samples.TOKENS_PER_TEXT * samples.TEXT_TOKEN_NANOS
    assert ada.spent_nanos == samples.EMBEDDING_REQUEST_NANOS + tokens_nanos


def test_a_picture_comes_back_four_times_as_large(platform: Platform, ada: Client) -> None:
    image = samples.base64_of(samples.picture(80, 60))

    accepted = ada.submit("span-x4", {"image": f"data:image/png;base64,{image}"})
    platform.clock.advance(2)
    shown = ada.job(accepted.json["id"])["result"]["images"][0]

    assert (shown["width"], shown["height"], shown["content_type"]) == (320, 240, "image/png")
    assert shown["size_bytes"] == len(platform.objects[platform.results[0]])
    assert ada.spent_nanos == samples.UPSCALE_REQUEST_NANOS + 320 * 240 * 5


def test_a_result_too_large_for_the_item_is_kept_in_s3(platform: Platform, ada: Client) -> None:
    text = "word " * 2_000
    platform.model = always(Work(output=samples.completion(text)))

    job = ada.submit("smollm2-135m", samples.PROMPT).json["id"]
    platform.clock.advance(2)

    (key,) = platform.results
    assert re.fullmatch(rf"results/{job}/result-[0-9a-f]{{8}}\.json", key)
    assert ada.job(job)["result"]["choices"][0]["message"]["content"] == text


def test_a_large_prompt_reaches_the_model_through_s3(platform: Platform, ada: Client) -> None:
    words = "word " * 1_500

    job = ada.submit("smollm2-135m", samples.prompt(words)).json["id"]
    invocation = platform.endpoints.invocations[0]
    platform.clock.advance(2)

    assert platform.calls[-1].operation != "TransactWriteItems"
    assert words in invocation.payload.decode()
    assert f"inputs/{job}" in list(platform.objects)
    assert ada.job(job)["status"] == "succeeded"


def test_who_prefers_to_wait_gets_the_result_at_once(platform: Platform, ada: Client) -> None:
    began_ms = platform.clock.at_ms

    answer = ada.submit("smollm2-135m", samples.PROMPT, prefer="wait=10")

    assert answer.status == 200
    assert answer.json["status"] == "succeeded"
    assert platform.clock.at_ms - began_ms < 3_000


@pytest.mark.parametrize(("prefer", "most_s"), [("wait=2", 3), ("wait", 26), ("wait=900", 26)])
def test_waiting_ends_when_it_said_or_before_the_gateway_gives_up(
    platform: Platform, ada: Client, prefer: str, most_s: float
) -> None:
    platform.model = always(Work(after_s=200, output=samples.completion()))
    began_ms = platform.clock.at_ms

    answer = ada.submit("smollm2-135m", samples.PROMPT, prefer=prefer)

    assert (answer.status, answer.json["status"]) == (202, "accepted")
    assert platform.clock.at_ms - began_ms <= most_s * 1_000


def test_a_job_can_be_waited_for_when_it_is_looked_at(platform: Platform, ada: Client) -> None:
    job = ada.submit("smollm2-135m", samples.PROMPT).json["id"]

    answer = ada.get(f"{JOBS}/{job}", headers={"prefer": "respond-async, wait=5"})

    assert answer.json["status"] == "succeeded"


def test_cancelling_releases_at_once_and_drops_what_comes_later(
    platform: Platform, ada: Client
) -> None:
    job = ada.submit("smollm2-135m", samples.PROMPT).json["id"]

    cancelled = ada.send("DELETE", f"{JOBS}/{job}")
    spent = ada.spent_nanos
    platform.clock.advance(2)

    assert (cancelled.status, cancelled.json["status"]) == (200, "canceled")
    assert spent == ada.spent_nanos == 0
    assert ada.job(job)["status"] == "canceled"
    assert ada.job(job)["result"] is None
    assert list(platform.objects) == []


def test_deleting_an_ended_job_forgets_its_contents_and_keeps_the_bill(
    platform: Platform, ada: Client
) -> None:
    image = samples.base64_of(samples.picture())
    job = ada.submit("span-x4", {"image": image}, prefer="wait").json["id"]

    deleted = ada.send("DELETE", f"{JOBS}/{job}")
    again = ada.send("DELETE", f"{JOBS}/{job}")

    assert deleted.json["deleted"] is again.json["deleted"] is True
    assert deleted.json["result"] is None
    assert deleted.json["price"]["charged"]["nanos"] == str(ada.spent_nanos)
    assert list(platform.objects) == []


def test_who_cancels_too_late_keeps_what_was_paid_for(platform: Platform, ada: Client) -> None:
    job = ada.submit("smollm2-135m", samples.PROMPT).json["id"]
    platform.fault = lambda call: (
        platform.clock.advance(2) if call.operation == "TransactWriteItems" else None
    )

    answer = ada.send("DELETE", f"{JOBS}/{job}")

    assert answer.json["status"] == "succeeded"
    assert answer.json["deleted"] is False
    assert answer.json["result"]["choices"]


def test_jobs_are_listed_newest_first_by_page_and_filter(platform: Platform, ada: Client) -> None:
    made = []
    for number in range(5):
        platform.clock.advance(1)
        model, given = (
            ("e5-small", {"input": "x"}) if number % 2 else ("smollm2-135m", samples.PROMPT)
        )
        made.append(ada.submit(model, given).json["id"])

    first = ada.get(JOBS, query={"limit": "3"}).json
    second = ada.get(JOBS, query={"limit": "3", "cursor": first["next_cursor"]}).json
    embedded = ada.get(JOBS, query={"model": "intfloat/multilingual-e5-small"}).json
    open_ = ada.get(JOBS, query={"status": "accepted"}).json

    listed = [job["id"] for job in first["data"] + second["data"]]
    assert listed == list(reversed(made))
    assert second["next_cursor"] is None
    assert {job["id"] for job in embedded["data"]} == {made[1], made[3]}
    assert made[4] in {job["id"] for job in open_["data"]}


def test_a_cursor_leads_nowhere_but_to_ones_own_jobs(ada: Client, mallory: Client) -> None:
    for _ in range(2):
        ada.submit("e5-small", {"input": "x"})
        mallory.submit("e5-small", {"input": "x"})
    own = {job["id"] for job in mallory.get(JOBS).json["data"]}

    cursor = ada.get(JOBS, query={"limit": "1"}).json["next_cursor"]
    foreign = mallory.get(JOBS, query={"cursor": cursor})

    assert foreign.status == 200
    assert {job["id"] for job in foreign.json["data"]} <= own


@pytest.mark.parametrize(
    "cursor", ["x", "eyJhIjoxfQ", "eyJwayI6ICJhIn0", "bnVsbA", "é", "W10", "A" * 1024, "A" * 2000]
)
def test_a_forged_cursor_is_refused(ada: Client, cursor: str) -> None:
    answer = ada.get(JOBS, query={"cursor": cursor})

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")


@pytest.mark.parametrize("name", ["limit", "status"])
def test_a_filter_that_means_nothing_is_refused(ada: Client, name: str) -> None:
    answer = ada.get(JOBS, query={name: "1e308"})

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    assert name in answer.json["errors"][0]["pointer"]
