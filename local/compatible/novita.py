"""The main job's pictures by the requests that Novita's clients send."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from local import picture
from local.client import Client
from local.main_job import (
    DRAWN,
    DRAWN_PX,
    JOBS,
    MENDED,
    MIN_REDNESS,
    OVERDRAWN,
    SCALE,
    Done,
    base64_of,
    check,
    check_drawn_over,
    check_mended,
    row_of,
)

TASKS, RESULT = "/v3/async/", "/v3/async/task-result"
TASK_ENDED: Final = {"TASK_STATUS_SUCCEED", "TASK_STATUS_FAILED"}
MAX_POLLS: Final = 120
POLL_S: Final = 0.5


def run_all(client: Client, folder: Path) -> list[Done]:
    """Raises CheckFailed for an answer that is none. Files are kept in `folder`."""
    return [_draw(client, folder), _draw_over(client), _mend(client), _upscale(client)]


def _draw(client: Client, folder: Path) -> Done:
    request = {"prompt": DRAWN, "width": DRAWN_PX, "height": DRAWN_PX, "image_num": 1, "seed": -1}
    drawn, row = _run(client, "txt2img", request)
    redness = picture.redness(drawn)
    check(redness > MIN_REDNESS, f"what was drawn is not very red: {redness:.2f}")
    (folder / "drawn-again.png").write_bytes(drawn)
    return row


def _draw_over(client: Client) -> Done:
    given = picture.draw(DRAWN_PX)
    request = {"prompt": OVERDRAWN, "image_base64": base64_of(given), "steps": 20}
    drawn, row = _run(client, "img2img", request)
    check_drawn_over(given, drawn)
    return row


def _mend(client: Client) -> Done:
    given, mask = picture.draw(DRAWN_PX), picture.mask(DRAWN_PX)
    request = {
        "prompt": MENDED,
        "image_base64": base64_of(given),
        "mask_image_base64": base64_of(mask),
    }
    mended, row = _run(client, "inpainting", request)
    check_mended(given, mask, mended)
    return row


def _upscale(client: Client) -> Done:
    small = picture.draw()
    request = {"image_base64": base64_of(small), "scale_factor": SCALE}
    large, row = _run(client, "upscale", request)
    check(picture.size(large) == (picture.SIDE_PX * SCALE,) * 2, "the picture has another size")
    return row


def _run(client: Client, door: str, request: Mapping[str, Any]) -> tuple[bytes, Done]:
    """The first picture of the task, and its row."""
    begun = time.monotonic()
    task = client.call("POST", TASKS + door, {"extra": None, "request": request})["task_id"]
    result = _result(client, task)
    seconds = time.monotonic() - begun
    check(result["task"]["status"] == "TASK_STATUS_SUCCEED", f"the task ended as {result['task']}")
    made = client.download(result["images"][0]["image_url"])
    job = client.call("GET", f"{JOBS}/{task}")
    return made, row_of(job, seconds, f"{len(made)} bytes", TASKS + door)


def _result(client: Client, task: str) -> Any:
    """As it stands when it has ended, or when nobody waits any longer."""
    result: Any = None
    for _ in range(MAX_POLLS):
        result = client.call("GET", f"{RESULT}?task_id={task}")
        if result["task"]["status"] in TASK_ENDED:
            break
        time.sleep(POLL_S)
    return result
