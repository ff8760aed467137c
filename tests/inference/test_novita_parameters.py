"""What Novita's requests may ask for: each parameter is honoured or refused by its name."""

import json
from typing import Any

import pytest

from tests.inference import samples
from tests.inference.gallery import PICTURE, create, endpoints, paint, refusal
from tests.inference.platform import Client, Platform
from tests.stage import Stage

WORDS: dict[str, Any] = {"model_name": "sdxl", "prompt": "a cat", "width": 256, "height": 256}
STYLED: dict[str, Any] = {"model_name": "style-lite", "prompt": "neon", "image_base64": PICTURE}
MASKED = WORDS | {
    "model_name": "sdxl-inpaint",
    "image_base64": PICTURE,
    "mask_image_base64": PICTURE,
}
del MASKED["width"], MASKED["height"]
REQUESTS = {"txt2img": WORDS, "img2img": STYLED, "inpainting": MASKED}


@pytest.fixture(autouse=True)
def gallery(aws: Stage, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENDPOINTS", endpoints(aws))
    platform.model = paint


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("txt2img", {"loras": [{"model_name": "l", "strength": 0.5}]}),
        ("txt2img", {"embeddings": [{"model_name": "e"}]}),
        ("txt2img", {"hires_fix": {"target_width": 1024, "target_height": 1024, "strength": 1}}),
        ("txt2img", {"refiner": {"switch_at": 0.7}}),
        ("txt2img", {"sd_vae": "vae"}),
        ("txt2img", {"clip_skip": 2}),
        ("txt2img", {"restore_faces": True}),
        ("txt2img", {"enable_transparent_background": True}),
        ("txt2img", {"sampler_name": "DPM adaptive"}),
        ("img2img", {"sampler_name": "DDIM"}),
        ("txt2img", {"strength": 0.5}),
        ("txt2img", {"steps": 99}),
        ("txt2img", {"image_num": 9}),
        ("txt2img", {"width": 250}),
        ("txt2img", {"seed": -2}),
        ("txt2img", {"prompt": ""}),
        ("txt2img", {"steps": "20"}),
        ("txt2img", {"colour": "red"}),
        ("img2img", {"controlnet": {"units": [{"model_name": "c", "image_base64": "x"}]}}),
        ("img2img", {"ip_adapters": [{"model_name": "i"}]}),
        ("img2img", {"guidance_scale": 9}),
        ("img2img", {"steps": 30}),
        ("img2img", {"seed": 5}),
        ("img2img", {"image_num": 2}),
        ("img2img", {"negative_prompt": "blurry"}),
        ("img2img", {"prompt": "a cat"}),
        ("img2img", {"width": 4000}),
        ("inpainting", {"mask_blur": 4}),
        ("inpainting", {"inpainting_full_res": 1}),
        ("inpainting", {"inpainting_mask_invert": 1}),
        ("inpainting", {"initial_noise_multiplier": 1}),
    ],
)
def test_what_the_model_cannot_do_is_refused_by_name(
    platform: Platform, ada: Client, kind: str, asked: dict[str, Any]
) -> None:
    name = next(iter(asked))

    answer = create(ada, kind, **REQUESTS[kind] | asked)

    assert refusal(answer) == (400, "INVALID_REQUEST_BODY")
    assert answer.json["metadata"]["field"].startswith(f"request.{name}")
    assert f"request.{name}" in answer.json["message"]
    assert platform.endpoints.invocations == []


def test_a_stray_extra_must_be_empty(ada: Client) -> None:
    body = {"request": STYLED | {"extra": {"a": 1}}}

    answer = ada.send("POST", "/v3/async/img2img", body=body)

    assert refusal(answer) == (400, "INVALID_REQUEST_BODY")
    assert answer.json["metadata"]["field"] == "request.extra"


@pytest.mark.parametrize(
    "asked",
    [
        {"custom_storage": {"aws_s3": {"region": "r", "bucket": "b", "path": "p"}}},
        {"enterprise_plan": {"enabled": True}},
        {"enable_nsfw_detection": True, "nsfw_detection_level": 2},
        {"response_image_type": "gif"},
        {"webhook": {"url": "https://169.254.169.254/"}},
        {"webhook": {"url": "ftp://hooks.example.com/"}},
        {"colour": "red"},
    ],
)
def test_what_the_platform_cannot_do_is_refused_by_name(
    platform: Platform, ada: Client, asked: dict[str, Any]
) -> None:
    answer = create(ada, "txt2img", **WORDS, extra=asked)

    assert refusal(answer) == (400, "INVALID_REQUEST_BODY")
    assert platform.endpoints.invocations == []


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("txt2img", {"loras": [], "embeddings": [], "hires_fix": {}, "refiner": {}}),
        ("txt2img", {"sd_vae": "", "clip_skip": 1, "restore_faces": False, "seed": -1}),
        ("txt2img", {"negative_prompt": "", "sampler_name": "Euler a", "guidance_scale": 7}),
        ("img2img", {"controlnet": {"units": []}, "ip_adapters": [], "extra": {}, "steps": 20}),
        ("inpainting", {"mask_blur": 0, "inpainting_full_res": False, "clip_skip": 0}),
    ],
)
def test_what_asks_for_nothing_is_taken(ada: Client, kind: str, asked: dict[str, Any]) -> None:
    answer = create(ada, kind, **REQUESTS[kind] | asked)

    assert answer.status == 200, answer.content


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"enterprise_plan": {"enabled": False}, "custom_storage": {}},
        {"custom_storage": {"aws_s3": {}}, "webhook": None},
        {"enable_nsfw_detection": True, "nsfw_detection_level": 1},
    ],
)
def test_neutral_extras_are_taken(ada: Client, extra: dict[str, Any]) -> None:
    assert create(ada, "txt2img", **WORDS, extra=extra).status == 200


def test_an_address_that_no_webhook_may_have_is_named(ada: Client) -> None:
    answer = create(ada, "txt2img", **WORDS, extra={"webhook": {"url": "https://10.0.0.1/"}})

    assert answer.json["metadata"]["field"] == "extra.webhook.url"


def test_what_the_model_honours_reaches_it(platform: Platform, ada: Client) -> None:
    asked = {"image_num": 2, "steps": 30, "seed": 5, "guidance_scale": 9, "negative_prompt": "fog"}
    sampler = "DPM++ 2M Karras"

    create(ada, "txt2img", **WORDS | asked, sampler_name=sampler)

    given = json.loads(platform.endpoints.invocations[0].payload)
    renamed = {"n" if name == "image_num" else name: value for name, value in asked.items()}
    usual = {"prompt": "a cat", "width": 256, "height": 256, "sampler": sampler}
    assert given == usual | renamed


def test_a_random_seed_is_the_models_own(platform: Platform, ada: Client) -> None:
    create(ada, "txt2img", **WORDS, seed=-1)

    assert "seed" not in json.loads(platform.endpoints.invocations[0].payload)


def test_without_a_size_a_picture_stays_as_large_as_it_is(platform: Platform, ada: Client) -> None:
    create(ada, "img2img", **STYLED)

    assert json.loads(platform.endpoints.invocations[0].payload)["image"] == PICTURE


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ("aGFsbG8=", "INVALID_IMAGE_FORMAT"),
        ("%%%%%%%%", "INVALID_REQUEST_BODY"),
        ("https://example.com/cat.png", "INVALID_REQUEST_BODY"),
        (samples.base64_of(samples.picture(40, 40)), "INVALID_IMAGE_SIZE"),
        (samples.base64_of(samples.picture(2000, 300)), "IMAGE_EXCEEDS_MAX_RESOLUTION"),
    ],
)
def test_a_bad_picture_is_refused(ada: Client, image: str, reason: str) -> None:
    answer = create(ada, "img2img", **STYLED | {"image_base64": image})

    assert refusal(answer) == (400, reason)
    assert ada.spent_nanos == 0


def test_a_picture_too_large_for_a_request_is_refused(ada: Client) -> None:
    image = "A" * 5_950_000

    answer = create(ada, "img2img", **STYLED | {"image_base64": image})

    assert refusal(answer) == (400, "IMAGE_FILE_EXCEEDS_MAX_SIZE")


def test_a_mask_of_another_size_is_refused(ada: Client) -> None:
    mask = samples.base64_of(samples.picture(300, 256))

    answer = create(ada, "inpainting", **MASKED | {"mask_image_base64": mask})

    assert refusal(answer) == (400, "INVALID_IMAGE_SIZE")


def test_a_model_is_named_by_its_id_or_alias_and_does_its_own_task(ada: Client) -> None:
    alias = create(
        ada, "txt2img", **WORDS | {"model_name": "stabilityai/stable-diffusion-xl-base-1.0"}
    )
    unknown = create(ada, "txt2img", **WORDS | {"model_name": "dreamshaper.safetensors"})
    other = create(ada, "txt2img", **WORDS | {"model_name": "span-x4"})

    assert alias.status == 200
    assert refusal(unknown) == (404, "MODEL_NOT_FOUND")
    assert refusal(other) == (400, "INVALID_REQUEST_BODY")


@pytest.mark.parametrize("body", [b"{", b'{"request": {}}', b"[]", b'{"extra": {}}', b"null"])
def test_what_cannot_be_read_is_refused(ada: Client, body: bytes) -> None:
    assert refusal(ada.send("POST", "/v3/async/txt2img", raw=body)) == (400, "INVALID_REQUEST_BODY")


def test_no_credit_is_said_in_this_familys_way(platform: Platform) -> None:
    poor = platform.customer(100)

    answer = create(poor, "txt2img", **WORDS)

    assert refusal(answer) == (400, "BILLING_BALANCE_NOT_ENOUGH")
    assert platform.endpoints.invocations == []


def test_too_many_requests_are_said_with_how_long_to_wait(platform: Platform, ada: Client) -> None:
    answers = [create(ada, "txt2img", **WORDS) for _ in range(25)]

    refused = [answer for answer in answers if answer.status != 200]
    assert refused
    assert {refusal(answer) for answer in refused} == {(429, "RATE_LIMIT_EXCEEDED")}
    assert 0 < int(refused[0].headers["retry-after"]) <= 60
