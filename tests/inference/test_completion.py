"""Notices in every order, number and state of truth: one end, one bill."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.inference import files
from tests import events
from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.seam import Call, Fault
from tests.simulation.endpoints import Work

NEVER = Work(after_s=10**6)


def submit(platform: Platform, client: Client, work: Work = NEVER) -> str:
    platform.model = always(work)
    job: str = client.submit("smollm2-135m", samples.PROMPT).json["id"]
    return job


def notice(job: str) -> str:
    return events.succeeded(job, f"s3://files/raw/{job}/output")


def write_output(platform: Platform, job: str, content: bytes) -> None:
    platform.objects[f"raw/{job}/output"] = content


def test_a_notice_that_comes_three_times_charges_once(platform: Platform, ada: Client) -> None:
    job = submit(platform, ada)
    write_output(platform, job, samples.completion())

    failures = [platform.deliver(notice(job), notice(job)), platform.deliver(notice(job))]

    assert failures == [[], []]
    assert ada.job(job)["status"] == "succeeded"
    assert ada.spent_nanos == samples.CHAT_NANOS


def test_a_notice_before_its_output_is_brought_again(platform: Platform, ada: Client) -> None:
    job = submit(platform, ada)

    early = platform.deliver(notice(job))
    write_output(platform, job, samples.completion())
    again = platform.deliver(notice(job))

    assert len(early) == 1
    assert again == []
    assert ada.job(job)["status"] == "succeeded"


def test_one_bad_notice_does_not_keep_the_others(platform: Platform, ada: Client) -> None:
    job = submit(platform, ada)
    write_output(platform, job, samples.completion())

    failures = platform.deliver("no json", "{}", notice(job), notice("job_of_nobody"))

    assert len(failures) == 2
    assert ada.job(job)["status"] == "succeeded"


def test_failure_and_then_success_leaves_a_failure_that_costs_nothing(
    platform: Platform, ada: Client
) -> None:
    job = submit(platform, ada)
    platform.deliver(events.failed(job, f"s3://files/raw/{job}/x-error.out"))
    write_output(platform, job, samples.completion())
    platform.deliver(notice(job))

    shown = ada.job(job)

    assert (shown["status"], shown["error"]["code"]) == ("failed", "inference_failed")
    assert shown["result"] is None
    assert list(platform.objects) == []
    assert ada.spent_nanos == 0


def test_success_and_then_failure_leaves_the_success(platform: Platform, ada: Client) -> None:
    job = submit(platform, ada)
    write_output(platform, job, samples.completion())
    platform.deliver(notice(job))

    platform.deliver(events.failed(job, f"s3://files/raw/{job}/x-error.out"))

    assert ada.job(job)["status"] == "succeeded"
    assert ada.spent_nanos == samples.CHAT_NANOS


def test_an_output_counts_even_when_only_a_failure_was_told(
    platform: Platform, ada: Client
) -> None:
    job = submit(platform, ada)
    write_output(platform, job, samples.completion())

    platform.deliver(events.failed(job, ""))

    assert ada.job(job)["status"] == "succeeded"


def located(platform: Platform, job: str) -> str:
    told = json.loads(events.failed(job, ""))
    told["responseParameters"] = {
        "outputLocation": f"s3://{platform.stage.bucket}/raw/{job}/7-error.out"
    }
    return json.dumps(told)


def unlocated(platform: Platform, job: str) -> str:
    return events.failed(job, "")


@pytest.mark.parametrize("tell", [located, unlocated])
def test_what_the_container_said_about_its_failure_reaches_the_customer(
    platform: Platform, ada: Client, tell: Callable[[Platform, str], str]
) -> None:
    job = submit(platform, ada)
    said = {"error": {"code": "input_too_long", "message": "The messages are 3000 tokens."}}
    platform.objects[f"raw/{job}/7-error.out"] = json.dumps(said).encode()

    platform.deliver(tell(platform, job))

    assert ada.job(job)["error"] == said["error"]
    assert ada.spent_nanos == 0


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"error": "x"}', b'{"error":{"code":1,"message":2}}']
)
def test_a_failure_without_words_has_a_general_sentence(
    platform: Platform, ada: Client, body: bytes
) -> None:
    job = submit(platform, ada)
    platform.objects[f"raw/{job}/7-error.out"] = body

    platform.deliver(located(platform, job))

    assert ada.job(job)["error"]["code"] == "inference_failed"


def test_a_notice_cannot_make_us_read_another_jobs_folder(platform: Platform, ada: Client) -> None:
    job, other = submit(platform, ada), submit(platform, ada)
    secret = {"error": {"code": "secret", "message": "Of another customer."}}
    platform.objects[f"raw/{other}/7-error.out"] = json.dumps(secret).encode()

    platform.deliver(
        located(platform, other).replace(f'"inferenceId": "{other}"', f'"inferenceId": "{job}"')
    )

    assert ada.job(job)["error"]["code"] == "inference_failed"


def changed(**usage: Any) -> bytes:
    return samples.completion(**usage)


@pytest.mark.parametrize(
    "output",
    [
        b"",
        b"no json",
        b"null",
        b"[]",
        b'{"choices": []}',
        b'{"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}',
        b'{"choices": "abc", "usage": 3}',
        changed(prompt_tokens=-5),
        changed(prompt_tokens="12"),
        changed(completion_tokens=1.5),
        changed(completion_tokens=True),
        changed(completion_tokens=10**30),
        samples.completion().replace(b'"stop"', b'"tool_calls"'),
        samples.completion().replace(b"Hello", b"\\ud800"),
        samples.completion().replace(b": 5", b": NaN"),
        b"[" * 5_000 + b"]" * 5_000,
        b"\xff\xfe\x00",
    ],
)
def test_an_output_that_cannot_be_read_fails_the_job_and_costs_nothing(
    platform: Platform, ada: Client, output: bytes
) -> None:
    job = submit(platform, ada, Work(output=output))
    platform.clock.advance(2)

    shown = ada.job(job)

    assert (shown["status"], shown["error"]["code"]) == ("failed", "malformed_output")
    assert platform.failures == []
    assert ada.spent_nanos == 0


@pytest.mark.parametrize(
    "output",
    [
        b'{"data": [], "usage": {"prompt_tokens": 1}}',
        samples.embeddings(["x"]).replace(b"0.0", b"1e39", 1),
        samples.embeddings(["x"]).replace(b"0.0", b"1e999", 1),
        samples.embeddings(["x"]).replace(b"0.0,", b"", 1),
    ],
)
def test_vectors_that_are_none_are_not_charged(
    platform: Platform, ada: Client, output: bytes
) -> None:
    platform.model = always(Work(output=output))

    job = ada.submit("e5-small", {"input": "x"}, prefer="wait").json

    assert job["error"]["code"] == "malformed_output"
    assert ada.spent_nanos == 0


def test_a_picture_that_is_none_is_not_charged(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(output=b"not a picture"))
    image = samples.base64_of(samples.picture())

    job = ada.submit("span-x4", {"image": image}, prefer="wait").json

    assert job["error"]["code"] == "malformed_output"
    assert platform.results == []


def test_more_usage_than_was_held_is_charged_as_the_hold(platform: Platform, ada: Client) -> None:
    job = submit(platform, ada, Work(output=samples.completion(prompt_tokens=10**9)))
    held = ada.money["held"]
    platform.clock.advance(2)

    assert ada.job(job)["status"] == "succeeded"
    assert ada.spent_nanos == held


def test_an_output_too_large_for_anybody_fails_the_job(
    platform: Platform, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_READ_BYTES", 100)

    job = submit(platform, ada, Work(output=samples.completion()))
    platform.clock.advance(2)

    assert ada.job(job)["error"]["code"] == "malformed_output"


def test_a_picture_replaced_while_it_is_screened_is_not_published(
    platform: Platform, ada: Client
) -> None:
    image = samples.base64_of(samples.picture())
    platform.model = always(NEVER)
    job = ada.submit("span-x4", {"image": image}).json["id"]
    write_output(platform, job, samples.upscaled(image))

    def replace(call: Call) -> Fault | None:
        if call.operation == "DetectModerationLabels":
            write_output(platform, job, samples.picture(32, 32))
        return None

    platform.fault = replace
    failures = platform.deliver(notice(job))
    published = platform.results
    platform.fault = lambda call: None
    platform.deliver(notice(job))

    assert len(failures) == 1
    assert published == []
    assert platform.objects[platform.results[0]] == samples.picture(32, 32)


def test_a_late_output_of_an_expired_job_is_dropped(platform: Platform, ada: Client) -> None:
    job = submit(platform, ada)
    platform.clock.advance(3600)
    platform.sweep()
    write_output(platform, job, samples.completion())

    platform.deliver(notice(job))

    assert ada.job(job)["status"] == "expired"
    assert list(platform.objects) == []
    assert ada.spent_nanos == 0


def test_the_price_of_acceptance_is_what_is_charged(platform: Platform, ada: Client) -> None:
    job = submit(platform, ada)
    database = platform.stage.client("dynamodb")
    item = database.get_item(
        TableName=platform.stage.table("jobs"), Key={"pk": {"S": f"JOB#{job}"}, "sk": {"S": "JOB"}}
    )["Item"]
    item["prices"]["M"]["units"]["M"]["output_token"]["M"]["nanos"]["N"] = "30000"
    database.put_item(TableName=platform.stage.table("jobs"), Item=item)
    write_output(platform, job, samples.completion())

    platform.deliver(notice(job))

    assert ada.spent_nanos == samples.CHAT_REQUEST_NANOS + 12 * 1_750 + 5 * 30
