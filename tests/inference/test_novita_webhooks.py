"""Webhooks of Novita's family: the body of task-result, signed as all others are."""

from typing import Any

import pytest

from tests.inference import samples
from tests.inference.gallery import create, endpoints, paint, refusal, result, survives_parsers
from tests.inference.platform import Client, Platform, always
from tests.inference.receivers import Mail, connect, is_signed_by
from tests.simulation.endpoints import Work
from tests.stage import Stage

URL = "https://hooks.example.com/novita"
WORDS: dict[str, Any] = {"model_name": "sdxl", "prompt": "a cat", "width": 256, "height": 256}


@pytest.fixture(autouse=True)
def gallery(aws: Stage, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENDPOINTS", endpoints(aws))
    platform.model = paint


@pytest.fixture
def mail(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Mail:
    return connect(platform, monkeypatch)


def hook(**test_mode: Any) -> dict[str, Any]:
    mode = {"test_mode": test_mode} if test_mode else {}
    return {"webhook": {"url": URL} | mode, "response_image_type": "jpeg"}


@pytest.mark.parametrize("output", [samples.sampled(samples.picture(256, 256)), None])
def test_an_event_says_what_task_result_says(
    platform: Platform, ada: Client, mail: Mail, output: bytes | None
) -> None:
    platform.model = always(Work(output=output))
    task_id = create(ada, "txt2img", **WORDS, extra=hook()).json["task_id"]
    platform.clock.advance(2)

    mail.stream(task_id)
    shown = result(ada, task_id)
    mail.pass_time(5)

    (got,) = mail.receivers.taken()
    assert got.letter.url == URL
    assert got.json["event_type"] == "ASYNC_TASK_RESULT"
    survives_parsers(got.json["payload"])
    assert _without_links(got.json["payload"]) == _without_links(shown)


def test_an_event_is_signed_with_the_accounts_default_secret(
    platform: Platform, ada: Client, mail: Mail
) -> None:
    secret = ada.send("POST", "/v1/inference/webhooks/default/rotate").json["secret"]
    task_id = create(ada, "txt2img", **WORDS, extra=hook()).json["task_id"]
    platform.clock.advance(2)

    mail.stream(task_id)
    mail.pass_time(5)

    (got,) = mail.receivers.taken()
    assert is_signed_by(secret, got.letter)


@pytest.mark.parametrize("status", ["TASK_STATUS_SUCCEED", "TASK_STATUS_FAILED"])
def test_test_mode_sends_a_mock_event_and_makes_no_task(
    platform: Platform, ada: Client, mail: Mail, status: str
) -> None:
    extra = hook(enabled=True, return_task_status=status)

    created = create(ada, "txt2img", **WORDS, extra=extra)
    mail.pass_time(5)

    (got,) = mail.receivers.taken()
    task = got.json["payload"]["task"]
    assert created.status == 200
    assert (task["task_id"], task["status"]) == (created.json["task_id"], status)
    survives_parsers(got.json["payload"])
    assert platform.endpoints.invocations == []
    assert ada.get("/v1/inference/jobs").json["data"] == []
    assert ada.spent_nanos == 0


def test_test_mode_counts_as_a_request(ada: Client, mail: Mail) -> None:
    extra = hook(enabled=True, return_task_status="TASK_STATUS_SUCCEED")

    answers = [create(ada, "txt2img", **WORDS, extra=extra) for _ in range(25)]

    assert refusal(answers[-1]) == (429, "RATE_LIMIT_EXCEEDED")


def test_test_mode_that_is_off_makes_a_task(ada: Client, mail: Mail) -> None:
    extra = hook(enabled=False, return_task_status="TASK_STATUS_SUCCEED")

    created = create(ada, "txt2img", **WORDS, extra=extra)

    assert result(ada, created.json["task_id"])["task"]["task_type"] == "TXT_TO_IMG"


def _without_links(body: dict[str, Any]) -> dict[str, Any]:
    """Each rendering signs anew."""
    images = [
        image | {"image_url": image["image_url"].partition("?")[0]} for image in body["images"]
    ]
    return body | {"images": images}
