"""The small picture model that Sluice trained: what it draws, keeps and refuses."""

import base64
import hashlib
import io
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from PIL import Image, ImageStat

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "models/sketch"
WAKE_S = 60

pytestmark = pytest.mark.xdist_group("models")


@pytest.fixture(scope="module")
def sketch() -> Iterator[httpx.Client]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        process = subprocess.Popen(
            [
                str(ROOT / ".sluice/models/bin/python"),
                str(FOLDER / "serve/draw.py"),
                *("--fd", str(listener.fileno())),
            ],
            pass_fds=[listener.fileno()],
            stdin=subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        )
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=WAKE_S) as client:
        _wait(client)
        yield client
    process.kill()
    process.wait()


def _wait(client: httpx.Client) -> None:
    deadline = time.monotonic() + WAKE_S
    while time.monotonic() < deadline:
        try:
            client.get("/ping")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the model did not start")


def draw(sketch: httpx.Client, **asked: Any) -> list[bytes]:
    answer = sketch.post("/invocations", json=asked)
    assert answer.status_code == 200, answer.text
    return [base64.b64decode(made["data"]) for made in answer.json()["images"]]


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def mean(picture: Image.Image, box: tuple[int, int, int, int]) -> list[float]:
    return ImageStat.Stat(picture.crop(box)).mean


def encoded(picture: Image.Image) -> str:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def test_the_weights_are_those_that_the_card_describes() -> None:
    card = yaml.safe_load((FOLDER / "weights.yaml").read_text(encoding="utf-8"))
    weights = (FOLDER / "weights.npz").read_bytes()

    assert hashlib.sha256(weights).hexdigest() == card["sha256"]
    assert len(weights) == card["size_bytes"] <= 20_000_000


@pytest.mark.parametrize("prompt", ["a red apple", "ein roter Apfel"])
def test_a_red_apple_is_red_and_stands_on_white(sketch: httpx.Client, prompt: str) -> None:
    (made,) = draw(sketch, prompt=prompt, seed=1)

    picture = opened(made)
    red, green, blue = mean(picture, (96, 110, 160, 190))
    assert picture.size == (256, 256)
    assert red > 150
    assert red > green + 60
    assert red > blue + 60
    assert min(mean(picture, (0, 0, 20, 20))) > 225


def test_a_colour_in_words_is_taken(sketch: httpx.Client) -> None:
    (made,) = draw(sketch, prompt="a blue apple", seed=1)

    red, _, blue = mean(opened(made), (96, 110, 160, 190))
    assert blue > red + 40


def test_a_seed_gives_the_same_bytes_however_many_are_asked_for(sketch: httpx.Client) -> None:
    alone = draw(sketch, prompt="a cat", seed=8)
    several = draw(sketch, prompt="a cat", seed=7, n=3)

    assert several[1] == alone[0]
    assert len({*several}) == 3


def test_without_retrieval_other_pictures_come(sketch: httpx.Client) -> None:
    found = draw(sketch, prompt="a star", seed=1)
    invented = draw(sketch, prompt="a star", seed=1, retrieval=False)

    assert found != invented


def test_a_negative_prompt_changes_the_picture(sketch: httpx.Client) -> None:
    plain = draw(sketch, prompt="a star", seed=1)
    without = draw(sketch, prompt="a star", seed=1, negative_prompt="yellow")

    assert plain != without


def test_strength_is_how_far_a_picture_is_left(sketch: httpx.Client) -> None:
    ground = Image.new("RGB", (256, 256), "white")
    ground.paste((220, 40, 30), (64, 64, 192, 192))
    asked = {"prompt": "a blue heart", "image": encoded(ground), "seed": 3}

    near = opened(draw(sketch, **asked, strength=0.2)[0])
    far = opened(draw(sketch, **asked, strength=1)[0])

    distance = [
        sum(abs(a - b) for a, b in zip(mean(made, box), mean(ground, box), strict=True))
        for made in (near, far)
        for box in [(80, 80, 176, 176)]
    ]
    assert distance[0] < distance[1]


def test_inpainting_keeps_what_the_mask_does_not_cover(sketch: httpx.Client) -> None:
    ground = Image.linear_gradient("L").convert("RGB")
    mask = Image.new("L", ground.size)
    mask.paste(255, (128, 0, 256, 256))

    (made,) = draw(sketch, prompt="sun", image=encoded(ground), mask=encoded(mask), seed=2)

    left, right = (0, 0, 128, 256), (128, 0, 256, 256)
    assert opened(made).crop(left).tobytes() == ground.crop(left).tobytes()
    assert opened(made).crop(right).tobytes() != ground.crop(right).tobytes()


@pytest.mark.parametrize(
    "asked",
    [
        {"prompt": ""},
        {"prompt": "  "},
        {"prompt": "a" * 1_001},
        {"prompt": "a\0b"},
        {"prompt": "a cat", "n": 5},
        {"prompt": "a cat", "steps": 0},
        {"prompt": "a cat", "steps": 10_000},
        {"prompt": "a cat", "width": 512},
        {"prompt": "a cat", "seed": -1},
        {"prompt": "a cat", "seed": 2**32},
        {"prompt": "a cat", "guidance_scale": 0},
    ],
)
def test_what_it_cannot_draw_is_refused(sketch: httpx.Client, asked: dict[str, Any]) -> None:
    answer = sketch.post("/invocations", json=asked)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_input"


def test_a_mask_of_another_size_is_refused(sketch: httpx.Client) -> None:
    image, mask = Image.new("RGB", (256, 256)), Image.new("L", (128, 256))

    asked = {"prompt": "a cat", "image": encoded(image), "mask": encoded(mask)}
    answer = sketch.post("/invocations", json=asked)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "mask_size_mismatch"


@pytest.mark.parametrize("image", ["????", "aGVsbG8=", 7])
def test_what_is_no_picture_is_refused(sketch: httpx.Client, image: object) -> None:
    answer = sketch.post("/invocations", json={"prompt": "a cat", "image": image})

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_image"


@pytest.mark.parametrize("prompt", ["りんご", "تفاحة حمراء", "🍎", "apple " * 150])
def test_any_writing_is_read(sketch: httpx.Client, prompt: str) -> None:
    assert len(draw(sketch, prompt=prompt, steps=2)) == 1
