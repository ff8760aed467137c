"""Pictures made by prompt, from pictures, and several at once: held, screened and charged each."""

import json
import re
from typing import Any

import pytest

from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.inference.refusals import assert_refused, assert_untouched
from tests.simulation.detectors import FORBIDDEN
from tests.simulation.endpoints import Work

pytestmark = pytest.mark.usefixtures("all_served")

PROMPT = {"prompt": "a barn", "width": 512, "height": 256, "steps": 10}
REQUEST_NANOS, EACH_NANOS = 1_250_000, 1_050_000
STEPPED_NANOS = 512 * 256 * 10 // 4
SQUARE = samples.base64_of(samples.picture(256, 256))


def painted(platform: Platform, *shows: str, size: tuple[int, int] = (512, 256)) -> None:
    """What the sampler answers."""
    made = [samples.picture(*size, shows=what) for what in shows]
    platform.model = always(Work(output=samples.sampled(*made)))


def test_each_of_several_pictures_is_shown_with_its_seed_and_charged(
    platform: Platform, ada: Client
) -> None:
    painted(platform, "", "", "")

    job = ada.submit("sdxl", PROMPT | {"n": 3}, prefer="wait").json

    images = job["result"]["images"]
    assert [image["seed"] for image in images] == [7, 8, 9]
    assert {(image["width"], image["height"]) for image in images} == {(512, 256)}
    names = [key.rpartition("/")[2] for key in sorted(platform.results)]
    assert [re.sub("[0-9a-f]{8}", "…", name) for name in names] == [
        f"image-{number}-….png" for number in (1, 2, 3)
    ]
    assert job["usage"] == {
        "request": 1,
        "output_image": 3,
        "output_pixel_step": 3 * 512 * 256 * 10,
    }
    assert job["price"]["held"] == job["price"]["charged"]
    assert ada.spent_nanos == REQUEST_NANOS + 3 * (EACH_NANOS + STEPPED_NANOS)


def test_every_part_of_an_input_is_screened(platform: Platform, ada: Client) -> None:
    painted(platform, "", size=(256, 256))
    given = {"prompt": "a door", "negative_prompt": "a window", "image": SQUARE, "mask": SQUARE}

    ada.submit("sdxl-inpaint", given, prefer="wait")

    calls = [name for name in platform.operations() if name in ("ApplyGuardrail", LABELS)]
    # The prompts together, the picture, its mask; then what came out.
    assert calls == ["ApplyGuardrail", LABELS, LABELS, LABELS]


LABELS = "DetectModerationLabels"


@pytest.mark.parametrize(
    "changed",
    [
        {"prompt": FORBIDDEN},
        {"negative_prompt": FORBIDDEN},
        {"image": samples.base64_of(samples.picture(256, 256, shows=FORBIDDEN))},
        {"mask": samples.base64_of(samples.picture(256, 256, shows=FORBIDDEN))},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_one_forbidden_part_blocks_the_whole_input(
    platform: Platform, ada: Client, changed: dict[str, str]
) -> None:
    given = {"prompt": "a door", "image": SQUARE, "mask": SQUARE} | changed

    answer = ada.submit("sdxl-inpaint", given)

    assert answer.json["status"] == "blocked"
    assert platform.endpoints.invocations == []
    assert ada.spent_nanos == 0


def test_one_forbidden_picture_of_several_keeps_all_of_them_back(
    platform: Platform, ada: Client
) -> None:
    painted(platform, "", FORBIDDEN)

    job = ada.submit("sdxl", PROMPT | {"n": 2}, prefer="wait").json

    assert (job["status"], job["result"]) == ("blocked", None)
    assert platform.results == []
    assert ada.spent_nanos == 0


def test_what_is_held_for_several_pictures_is_the_worst_case(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(Work(output=None, notices=0))

    held = ada.submit("sdxl", {"prompt": "a", "n": 8}).json["price"]["held"]["nanos"]

    assert int(held) == REQUEST_NANOS + 8 * (EACH_NANOS + 1024 * 1024 * 30 // 4)


def test_who_cannot_pay_for_the_steps_gets_no_picture(platform: Platform) -> None:
    poor = platform.customer(REQUEST_NANOS + EACH_NANOS)

    answer = poor.submit("sdxl", PROMPT)

    assert_refused(answer, 402, "insufficient_credit")


MALFORMED: dict[str, bytes] = {
    "fewer pictures than asked": samples.sampled(samples.picture()),
    "more pictures than asked": samples.sampled(*[samples.picture()] * 3),
    "no picture": samples.sampled(b"x", b"y"),
    "no base64": json.dumps({"images": [{"data": "?", "seed": 1}] * 2}).encode(),
    "no seed": json.dumps({"images": [{"data": SQUARE}] * 2}).encode(),
    "a seed that is none": json.dumps({"images": [{"data": SQUARE, "seed": -1}] * 2}).encode(),
    "another shape": b'{"pictures": []}',
    "no object": b"{",
    "a number for pictures": b'{"images": 5}',
}


@pytest.mark.parametrize("output", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_set_of_pictures_is_not_charged(
    platform: Platform, ada: Client, output: bytes
) -> None:
    platform.model = always(Work(output=output))

    job = ada.submit("sdxl", PROMPT | {"n": 2}, prefer="wait").json

    assert (job["status"], job["error"]["code"]) == ("failed", "malformed_output")
    assert platform.results == []
    assert ada.spent_nanos == 0


def test_a_picture_without_background_is_charged_by_its_pixels(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(Work(output=samples.picture(100, 80)))

    job = ada.submit(
        "birefnet", {"image": samples.base64_of(samples.picture(100, 80))}, prefer="wait"
    ).json

    assert job["usage"] == {"request": 1, "output_pixel": 8_000}
    assert ada.spent_nanos == 2_050_000 + 8_000 * 2


def test_a_style_is_one_of_those_that_the_card_names(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(output=samples.picture(80, 64)))
    picture = samples.base64_of(samples.picture(80, 64))

    painted = ada.submit("style-lite", {"image": picture}, prefer="wait").json
    unknown = ada.submit("style-lite", {"image": picture, "style": "vangogh"})

    sent: dict[str, Any] = json.loads(platform.endpoints.invocations[0].payload)
    assert (sent["style"], sent["strength"], sent["keep_colours"]) == ("starry", 1, False)
    assert painted["status"] == "succeeded"
    assert_refused(unknown, 422, "invalid_input")
    assert unknown.json["errors"][0]["pointer"] == "/input/style"


SMALL = samples.base64_of(samples.picture(256, 264))
BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "a mask of another size": (
        "sdxl-inpaint",
        {"prompt": "a", "image": SQUARE, "mask": SMALL},
        "mask_size_mismatch",
    ),
    "a mask that is none": (
        "sdxl-inpaint",
        {"prompt": "a", "image": SQUARE, "mask": "AAAABBBB"},
        "not_an_image",
    ),
    "a side of no multiple of 8": ("sdxl", PROMPT | {"width": 513}, "invalid_input"),
    "too many pixels in all": (
        "sdxl",
        PROMPT | {"width": 1536, "height": 1536},
        "image_too_large",
    ),
    "nine pictures": ("sdxl", PROMPT | {"n": 9}, "invalid_input"),
    "a thousand steps": ("sdxl", PROMPT | {"steps": 1_000}, "invalid_input"),
    "a seed without room for the others": ("sdxl", PROMPT | {"seed": 2**32}, "invalid_input"),
    "a sampler of nobody's": ("sdxl", PROMPT | {"sampler": "Magic"}, "invalid_input"),
    "a long prompt": ("sdxl", PROMPT | {"prompt": "a" * 1_025}, "invalid_input"),
    "no prompt": ("sdxl-img2img", {"image": SQUARE}, "invalid_input"),
    "no picture": ("sdxl-img2img", {"prompt": "a"}, "invalid_input"),
    "a picture too small": (
        "sdxl-img2img",
        {"prompt": "a", "image": samples.base64_of(samples.picture(255, 300))},
        "image_too_small",
    ),
    "an upload of nobody's": ("style-lite", {"image": "upload:none"}, "upload_not_found"),
}


@pytest.mark.parametrize(("model", "given", "code"), BAD.values(), ids=BAD)
def test_what_cannot_be_painted_is_refused(
    platform: Platform, ada: Client, model: str, given: dict[str, Any], code: str
) -> None:
    answer = ada.submit(model, given)

    assert_refused(answer, 404 if code == "upload_not_found" else 422, code)
    assert_untouched(platform, ada)
