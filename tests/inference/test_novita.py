"""The doors for Novita's clients: tasks, as those clients send them and read them."""

import json

import pytest

from sluice.principal import new_api_key
from tests.inference import samples, wire
from tests.inference.gallery import (
    PICTURE,
    create,
    endpoints,
    finished,
    opened,
    paint,
    post,
    refusal,
    result,
    survives_parsers,
)
from tests.inference.gallery import download as fetch
from tests.inference.platform import Client, Platform, always
from tests.simulation.detectors import FORBIDDEN
from tests.simulation.endpoints import Work
from tests.stage import Stage

ROUTES = (
    ("POST", "/v3/async/txt2img"),
    ("POST", "/v3/async/img2img"),
    ("POST", "/v3/async/inpainting"),
    ("POST", "/v3/async/upscale"),
    ("POST", "/v3/async/image-remove-background"),
    ("POST", "/v3/async/image-upscaler"),
    ("POST", "/v3/remove-background"),
    ("GET", "/v3/async/task-result"),
    ("GET", "/v3/model"),
    ("GET", "/v3/user"),
    ("GET", "/openapi/v1/billing/balance/detail"),
    ("GET", "/openapi/v1/user/quota/list"),
)
WORDS = {"model_name": "sdxl", "prompt": "a cat", "width": 256, "height": 256}


@pytest.fixture(autouse=True)
def gallery(aws: Stage, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENDPOINTS", endpoints(aws))
    platform.model = paint


# Who asks


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nobody_is_told_that_a_key_is_missing(platform: Platform, method: str, path: str) -> None:
    assert refusal(platform.send(method, path)) == (400, "MISSING_API_KEY")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_an_unknown_key_is_told_so(platform: Platform, method: str, path: str) -> None:
    answer = platform.send(method, path, headers={"authorization": new_api_key()})

    assert refusal(answer) == (403, "INVALID_API_KEY")


def test_a_task_of_somebody_else_does_not_exist(
    platform: Platform, ada: Client, mallory: Client
) -> None:
    task_id = create(ada, "txt2img", **WORDS).json["task_id"]

    foreign = mallory.get("/v3/async/task-result", query={"task_id": task_id})
    unknown = mallory.get("/v3/async/task-result", query={"task_id": "job_0000"})

    assert refusal(foreign) == refusal(unknown) == (404, "TASK_NOT_FOUND")
    assert foreign.json["message"].replace(task_id, "job_0000") == unknown.json["message"]


def test_an_unknown_path_is_an_unknown_api(ada: Client) -> None:
    assert refusal(ada.send("POST", "/v3/async/txt2video", body={})) == (404, "API_NOT_FOUND")


# What the official clients send


def test_pythons_words_become_a_picture(platform: Platform, ada: Client) -> None:
    raw = wire.python_txt2img("sdxl")

    done = finished(platform, ada, post(ada, "/v3/async/txt2img", raw, wire.PYTHON_HEADERS))

    assert done["task"] == {
        "task_id": done["task"]["task_id"],
        "task_type": "TXT_TO_IMG",
        "status": "TASK_STATUS_SUCCEED",
        "reason": "",
        "eta": 0,
        "progress_percent": 100,
    }
    assert done["extra"]["seed"] == "7"
    image = opened(fetch(platform, done["images"][0]["image_url"]))
    assert (image.format, image.size) == ("JPEG", (512, 512))


def test_pythons_picture_is_painted_in_the_size_that_it_names(
    platform: Platform, ada: Client
) -> None:
    raw = wire.python_img2img("style-lite", PICTURE, "mosaic")

    done = finished(platform, ada, post(ada, "/v3/async/img2img", raw, wire.PYTHON_HEADERS))

    asked = platform.endpoints.invocations[0].payload.decode()
    assert '"style": "mosaic"' in asked
    assert '"strength": 0.5' in asked
    assert done["task"]["task_type"] == "IMG_TO_IMG"
    assert opened(fetch(platform, done["images"][0]["image_url"])).size == (512, 512)


def test_pythons_mask_and_picture_are_painted_anew(platform: Platform, ada: Client) -> None:
    raw = wire.python_inpainting("sdxl-inpaint", PICTURE, PICTURE)

    done = finished(platform, ada, post(ada, "/v3/async/inpainting", raw, wire.PYTHON_HEADERS))

    assert done["task"]["task_type"] == "INPAINTING"
    assert len(done["images"]) == 1


def test_javascripts_key_without_bearer_and_its_words_are_understood(
    platform: Platform, ada: Client
) -> None:
    bare = wire.JS_HEADERS | {"authorization": ada.who.key}

    created = platform.send("POST", "/v3/async/txt2img", raw=wire.js_txt2img("sdxl"), headers=bare)
    platform.clock.advance(2)
    task = {"task_id": created.json["task_id"]}
    done = platform.send("GET", "/v3/async/task-result", query=task, headers=bare)

    assert (created.status, done.status) == (200, 200)
    assert done.json["task"]["status"] == "TASK_STATUS_SUCCEED"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (wire.python_remove_background(PICTURE), "JPEG"),
        (wire.js_remove_background(PICTURE), "PNG"),
    ],
)
def test_a_background_is_removed_in_the_answer_itself(ada: Client, raw: bytes, kind: str) -> None:
    answer = post(ada, "/v3/remove-background", raw)

    assert answer.status == 200
    assert answer.json["image_type"] == kind.lower()
    image = opened(samples.bytes_of(answer.json["image_file"]))
    assert (image.format, image.size) == (kind, (256, 256))


# What a task says of itself


def test_several_pictures_come_in_order_with_their_first_seed(
    platform: Platform, ada: Client
) -> None:
    done = finished(platform, ada, create(ada, "txt2img", **WORDS, image_num=3, seed=7))

    assert len({image["image_url"] for image in done["images"]}) == 3
    assert done["extra"]["seed"] == "7"


def test_a_task_under_way_is_processing_and_says_no_more(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(after_s=30, output=None))

    body = result(ada, create(ada, "txt2img", **WORDS).json["task_id"])

    assert body["task"]["status"] == "TASK_STATUS_PROCESSING"
    assert (body["images"], body["task"]["progress_percent"]) == ([], 0)


def test_a_task_without_a_slot_is_queued(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(after_s=30, output=None))

    tasks = [create(ada, "txt2img", **WORDS).json["task_id"] for _ in range(6)]
    told = [result(ada, task) for task in tasks]

    statuses = [body["task"]["status"] for body in told]
    times = [body["extra"]["debug_info"]["execute_time_ms"] for body in told]
    assert statuses == ["TASK_STATUS_PROCESSING"] * 4 + ["TASK_STATUS_QUEUED"] * 2
    assert [bool(time) for time in times] == [True] * 4 + [False] * 2


def test_a_model_that_wakes_says_how_long(platform: Platform, ada: Client) -> None:
    platform.awake = False
    platform.model = always(Work(after_s=30, output=None))
    task_id = create(ada, "txt2img", **WORDS).json["task_id"]
    platform.clock.advance(2)

    assert result(ada, task_id)["task"]["eta"] == 3


def test_a_model_whose_pace_was_measured_says_when_it_has_done(
    aws: Stage, platform: Platform, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = json.loads(endpoints(aws))
    served["sdxl"]["typical_s"] = 20
    monkeypatch.setenv("ENDPOINTS", json.dumps(served))
    platform.model = always(Work(after_s=900, output=None))
    task_ids = [create(ada, "txt2img", **WORDS).json["task_id"] for _ in range(5)]
    platform.clock.advance(2)

    told = [result(ada, task_id)["task"]["eta"] for task_id in task_ids]

    assert told == [18, 18, 18, 18, 100]


def test_a_failed_task_says_why_and_costs_nothing(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(output=None))

    done = finished(platform, ada, create(ada, "txt2img", **WORDS))

    assert done["task"]["status"] == "TASK_STATUS_FAILED"
    assert "nothing was charged" in done["task"]["reason"]
    assert ada.spent_nanos == 0


def test_a_cancelled_task_has_failed_with_a_reason(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(after_s=30, output=None))
    task_id = create(ada, "txt2img", **WORDS).json["task_id"]

    ada.send("DELETE", f"/v1/inference/jobs/{task_id}")

    task = result(ada, task_id)["task"]
    assert task["status"] == "TASK_STATUS_FAILED"
    assert task["reason"] == "The task was cancelled; nothing was charged."


def test_a_deleted_result_is_gone_and_says_so(platform: Platform, ada: Client) -> None:
    done = finished(platform, ada, create(ada, "txt2img", **WORDS))
    fetch(platform, done["images"][0]["image_url"])

    ada.send("DELETE", f"/v1/inference/jobs/{done['task']['task_id']}")

    later = result(ada, done["task"]["task_id"])
    assert (later["images"], later["task"]["reason"]) == ([], "The result was deleted on request.")
    assert platform.results == []


def test_any_job_of_the_account_can_be_looked_at(platform: Platform, ada: Client) -> None:
    job = ada.submit("span-x4", {"image": samples.base64_of(samples.picture())}).json["id"]
    platform.clock.advance(2)

    body = result(ada, job)

    assert body["task"]["task_type"] == "UPSCALE"
    assert body["images"][0]["image_type"] == "png"


def test_a_repeated_request_with_its_key_is_the_same_task(ada: Client) -> None:
    raw, key = wire.js_txt2img("sdxl"), {"idempotency-key": "k"}

    first = post(ada, "/v3/async/txt2img", raw, key)
    again = post(ada, "/v3/async/txt2img", raw, key)
    other = post(ada, "/v3/async/txt2img", raw.replace(b"jpeg", b"webp"), key)

    assert first.json == again.json
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert refusal(other)[0] == 400


# Formats


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_pictures_come_in_the_format_that_was_asked_for(
    platform: Platform, ada: Client, kind: str
) -> None:
    created = create(ada, "txt2img", **WORDS, extra={"response_image_type": kind})

    image = finished(platform, ada, created)["images"][0]
    content = fetch(platform, image["image_url"])

    assert image["image_type"] == kind
    assert opened(content).format == kind.upper()
    assert fetch(platform, image["image_url"]) == content


def test_a_conversion_goes_with_its_result(platform: Platform, ada: Client) -> None:
    created = create(ada, "txt2img", **WORDS, extra={"response_image_type": "webp"})
    done = finished(platform, ada, created)
    fetch(platform, done["images"][0]["image_url"])
    kept = platform.results

    ada.send("DELETE", f"/v1/inference/jobs/{done['task']['task_id']}")

    assert len(kept) == 2
    assert platform.results == []


def test_what_jpeg_cannot_leave_transparent_is_white(platform: Platform, ada: Client) -> None:
    request = {"model_name": "style-lite", "image_base64": PICTURE, "prompt": "neon"}
    created = create(ada, "img2img", **request, extra={"response_image_type": "jpeg"})

    image = finished(platform, ada, created)["images"][0]

    assert opened(fetch(platform, image["image_url"])).getpixel((9, 9)) == (255, 255, 255)


# Larger pictures and no backgrounds


def test_a_picture_is_enlarged_as_many_times_as_the_model_does(
    platform: Platform, ada: Client
) -> None:
    small = samples.base64_of(samples.picture(80, 60))
    request = {"model_name": "span-x4", "image_base64": small}

    done = finished(platform, ada, create(ada, "upscale", **request, scale_factor=4))
    twice = create(ada, "upscale", **request, scale_factor=2)

    assert done["task"]["task_type"] == "UPSCALE"
    assert opened(fetch(platform, done["images"][0]["image_url"])).size == (320, 240)
    assert refusal(twice) == (400, "INVALID_REQUEST_BODY")
    assert twice.json["metadata"]["field"] == "request.scale_factor"


def test_a_resolution_is_what_comes_or_is_refused(platform: Platform, ada: Client) -> None:
    fits = {"image": samples.base64_of(samples.picture(512, 100)), "resolution": "2k"}
    small = fits | {"image": samples.base64_of(samples.picture(100, 100))}

    done = finished(platform, ada, ada.send("POST", "/v3/async/image-upscaler", body=fits))
    refused = ada.send("POST", "/v3/async/image-upscaler", body=small)

    image = opened(fetch(platform, done["images"][0]["image_url"]))
    assert (image.format, image.size) == ("JPEG", (2048, 400))
    assert refusal(refused) == (400, "INVALID_IMAGE_SIZE")


def test_a_background_is_removed_by_a_task(platform: Platform, ada: Client) -> None:
    created = ada.send("POST", "/v3/async/image-remove-background", body={"image": PICTURE})

    done = finished(platform, ada, created)

    assert done["task"]["task_type"] == "REMOVE_BACKGROUND"
    assert opened(fetch(platform, done["images"][0]["image_url"])).mode == "RGBA"


def test_without_a_model_the_first_of_the_stage_is_meant(ada: Client) -> None:
    words = {name: value for name, value in WORDS.items() if name != "model_name"}

    created = create(ada, "txt2img", **words)

    assert ada.job(created.json["task_id"])["model"] == "sdxl"


def test_what_this_stage_does_not_serve_is_said(
    aws: Stage, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENDPOINTS", "{}")

    answers = [
        create(ada, "txt2img", **WORDS),
        ada.send("POST", "/v3/remove-background", body={"image_file": PICTURE}),
        ada.send("POST", "/v3/async/image-remove-background", body={"image": PICTURE}),
    ]

    assert [refusal(answer) for answer in answers] == [(503, "MODEL_NOT_SERVED")] * 3


# What screening says


def test_a_forbidden_prompt_is_refused_and_costs_nothing(ada: Client) -> None:
    answer = create(ada, "txt2img", **WORDS | {"prompt": FORBIDDEN})

    assert refusal(answer) == (400, "ILLEGAL_PROMPT")
    assert ada.spent_nanos == 0


def test_a_forbidden_picture_is_refused_and_costs_nothing(ada: Client) -> None:
    image = samples.base64_of(samples.picture(256, 256, shows=FORBIDDEN))
    request = {"model_name": "style-lite", "image_base64": image, "prompt": "neon"}

    answer = create(ada, "img2img", **request)

    assert refusal(answer) == (400, "ILLEGAL_IMAGE_CONTENT")
    assert ada.spent_nanos == 0


def test_a_forbidden_result_is_a_failed_task_without_a_link(
    platform: Platform, ada: Client
) -> None:
    bad = samples.sampled(samples.picture(256, 256, shows=FORBIDDEN))
    platform.model = always(Work(output=bad))

    done = finished(platform, ada, create(ada, "txt2img", **WORDS))

    assert done["task"]["status"] == "TASK_STATUS_FAILED"
    assert done["task"]["reason"].startswith("ILLEGAL_IMAGE_CONTENT: ")
    assert (done["images"], platform.results) == ([], [])
    assert ada.spent_nanos == 0


def test_who_asks_is_told_what_screening_found(platform: Platform, ada: Client) -> None:
    asked = create(ada, "txt2img", **WORDS, extra={"enable_nsfw_detection": True})
    done = finished(platform, ada, asked)
    silent = finished(platform, ada, create(ada, "txt2img", **WORDS))

    assert done["images"][0]["nsfw_detection_result"] == {"valid": True, "confidence": 0.0}
    assert done["extra"]["enable_nsfw_detection"] is True
    assert silent["images"][0]["nsfw_detection_result"] is None


def test_all_answers_are_what_parsers_survive(platform: Platform, ada: Client) -> None:
    for output in (None, b"garbage", samples.sampled(samples.picture(256, 256))):
        platform.model = always(Work(output=output))
        survives_parsers(finished(platform, ada, create(ada, "txt2img", **WORDS)))
