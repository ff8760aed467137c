"""Novita's official clients, unmodified, pointed at this platform."""

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local import picture
from local.home import SLUICE
from tests.e2e.product import Person, Product, end_of

pytestmark = pytest.mark.xdist_group("platform")

HERE = Path(__file__).parent / "novita"
PYTHON = SLUICE / "novita" / "bin" / "python"
MODULES = SLUICE / "novita-js" / "node_modules"
CLIENT_TIMEOUT_S = 180
PICTURE = base64.b64encode(picture.draw(200)).decode()


def told(*command: str) -> Any:
    """What a client printed; fails with what it said when it ended otherwise."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=CLIENT_TIMEOUT_S,
        check=False,
        cwd=HERE,
        env=os.environ | {"NODE_PATH": str(MODULES)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_python_client_paints_a_picture_and_reads_every_answer(
    product: Product, customer: Person
) -> None:
    available, _ = customer.money

    seen = told(str(PYTHON), "drive.py", product.url, customer.key, PICTURE)

    assert (seen["status"], seen["type"]) == ("TASK_STATUS_SUCCEED", "IMG_TO_IMG")
    assert set(seen["progress"]) <= {"TASK_STATUS_PROCESSING", "TASK_STATUS_SUCCEED"}
    assert seen["image"] == ["JPEG", 256, 256]
    assert seen["nsfw"][0] is True
    assert (seen["models"]["style-lite"], seen["models"]["sdxl"]) == (1, 0)
    assert seen["filtered"] == ["span-x4"]
    assert 0 < seen["credit"] <= available // 100_000
    assert "503" in seen["unserved"]
    assert "MODEL_NOT_SERVED" in seen["unserved"]
    assert "503" in seen["background"]
    assert "403" in seen["stranger"]
    assert customer.money[0] < available


def test_the_javascript_client_paints_a_picture_and_reads_every_refusal(
    product: Product, customer: Person
) -> None:
    seen = told("node", "drive.js", product.url, customer.key, PICTURE)

    assert (seen["status"], seen["type"]) == ("TASK_STATUS_SUCCEED", "webp")
    assert seen["header"] == "WEBP"
    assert seen["models"] == ["sketch", "sketch-img2img", "sketch-inpaint", "style-lite"]
    assert (seen["missing"]["code"], seen["missing"]["reason"]) == (404, "TASK_NOT_FOUND")
    assert (seen["unserved"]["code"], seen["unserved"]["reason"]) == (503, "MODEL_NOT_SERVED")
    assert seen["lora"]["reason"] == "INVALID_REQUEST_BODY"
    assert "request.loras" in seen["lora"]["msg"]
    assert (seen["stranger"]["code"], seen["stranger"]["reason"]) == (403, "INVALID_API_KEY")


def test_a_picture_is_enlarged_through_this_familys_door(customer: Person) -> None:
    small = picture.draw()
    request = {"model_name": "span-x4", "image_base64": base64.b64encode(small).decode()}

    body = {"request": request | {"scale_factor": 4}}
    task = customer.program.call("POST", "/v3/async/upscale", body)["task_id"]
    end_of(customer.program, task)
    shown = customer.program.call("GET", f"/v3/async/task-result?task_id={task}")

    large = customer.program.download(shown["images"][0]["image_url"])
    assert picture.size(large) == (512, 512)
    assert picture.similarity(small, large) > 0.95
