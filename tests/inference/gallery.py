"""A stage that serves every model of pictures, and what a client of Novita's does with it."""

import base64
import io
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from PIL import Image

from tests.events import Answer
from tests.inference import samples
from tests.inference.platform import Client, Platform
from tests.simulation.endpoints import Invocation, Work
from tests.stage import Stage

PICTURE_MODELS = (
    *("sdxl", "sdxl-img2img", "sdxl-inpaint"),
    *("style-lite", "span-x4", "birefnet"),
)
STATUSES = {
    "TASK_STATUS_QUEUED",
    "TASK_STATUS_PROCESSING",
    "TASK_STATUS_SUCCEED",
    "TASK_STATUS_FAILED",
}
PICTURE = samples.base64_of(samples.picture(256, 256))


def endpoints(stage: Stage) -> str:
    """The variable of a stage that serves them."""
    return json.dumps(
        {
            model: {"endpoint": f"{stage.prefix}-{model}", "wake_s": 5, "timeout_s": 60}
            for model in PICTURE_MODELS
        }
    )


def paint(invocation: Invocation, earlier: int) -> Work:
    """What the containers of these models answer."""
    asked = json.loads(invocation.payload)
    if invocation.endpoint.endswith("span-x4"):
        return Work(output=samples.upscaled(asked["image"]))
    if invocation.endpoint.endswith(("style-lite", "birefnet")):
        return Work(output=_without_background(asked["image"]))
    size = asked.get("width", 256), asked.get("height", 256)
    made = [samples.picture(*size) for _ in range(asked.get("n", 1))]
    return Work(output=samples.sampled(*made))


def _without_background(encoded: str) -> bytes:
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as image:
        file = io.BytesIO()
        Image.new("RGBA", image.size, (200, 30, 30, 0)).save(file, "PNG")
    return file.getvalue()


def post(client: Client, path: str, raw: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    return client.send("POST", path, raw=raw, headers=headers)


def create(client: Client, kind: str, **request: Any) -> Answer:
    """POST /v3/async/{kind}; `extra` beside the request."""
    extra = request.pop("extra", {})
    return client.send("POST", f"/v3/async/{kind}", body={"extra": extra, "request": request})


def result(client: Client, task_id: str) -> Any:
    answer = client.get("/v3/async/task-result", query={"task_id": task_id})
    assert answer.status == 200, answer.content
    survives_parsers(answer.json)
    return answer.json


def finished(platform: Platform, client: Client, created: Answer) -> Any:
    """The task's result a while later."""
    assert created.status == 200, created.content
    assert set(created.json) == {"task_id"}
    platform.clock.advance(2)
    return result(client, created.json["task_id"])


def survives_parsers(body: Any) -> None:
    """What the official clients' parsers cannot read is not in it."""
    assert all(isinstance(body[name], list) for name in ("images", "videos", "audios"))
    assert body["task"]["status"] in STATUSES
    for image in body["images"]:
        found = image["nsfw_detection_result"]
        assert found is None or set(found) == {"valid", "confidence"}
        assert image["image_type"] in ("png", "webp", "jpeg")
        assert isinstance(image["image_url_ttl"], str)
    for number in ("eta", "progress_percent"):
        assert isinstance(body["task"][number], int)
    assert isinstance(body["extra"]["seed"], str)


def download(platform: Platform, url: str) -> bytes:
    """Follow a link into the bucket."""
    parts = urlsplit(url)
    answer = platform.send("GET", parts.path, query=dict(parse_qsl(parts.query)))
    assert answer.status == 302, answer.content
    key = unquote(urlsplit(answer.headers["location"]).path).partition("results/")[2]
    return platform.objects[f"results/{key}"]


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def refusal(answer: Answer) -> tuple[int, str]:
    """Status and reason; the body has the family's shape."""
    body = answer.json
    assert set(body) == {"code", "reason", "message", "metadata"}
    assert body["code"] == answer.status
    assert all(isinstance(value, str) for value in body["metadata"].values())
    return answer.status, body["reason"]
