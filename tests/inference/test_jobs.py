"""Jobs from the door to the bill."""

import pytest

from tests.inference import samples
from tests.inference.platform import Client, Platform


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/inference/jobs"),
        ("GET", "/v1/inference/jobs"),
        ("GET", "/v1/inference/jobs/job_1"),
        ("DELETE", "/v1/inference/jobs/job_1"),
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
def test_somebody_elses_job_does_not_exist(
    ada: Client, mallory: Client, method: str
) -> None:
    job = ada.submit("smollm2-135m", samples.PROMPT).json["id"]

    answer = mallory.send(method, f"/v1/inference/jobs/{job}")

    assert (answer.status, answer.json["code"]) == (404, "job_not_found")
    assert ada.job(job)["status"] == "accepted"


def test_a_chat_is_accepted_held_answered_and_charged_exactly(
    platform: Platform, ada: Client
) -> None:
    accepted = ada.submit("smollm2-135m", samples.PROMPT)
    held = ada.money["held"]
    platform.clock.advance(2)
    job = ada.job(accepted.json["id"])

    assert accepted.status == 202
    assert accepted.headers["location"] == f"/v1/inference/jobs/{job['id']}"
    assert held == int(accepted.json["price"]["held"]["nanos"]) > samples.CHAT_NANOS
    assert job["status"] == "succeeded"
    assert job["result"]["choices"][0]["message"]["content"] == samples.ANSWER
    assert job["price"]["charged"]["nanos"] == str(samples.CHAT_NANOS)
    assert ada.spent_nanos == samples.CHAT_NANOS
