"""The main job's tasks once more, each through a door that others' clients know: six by OpenAI's
own client, and the larger picture by the request that Novita's clients send."""

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from openai import OpenAI

from local import picture
from local.client import Client
from local.main_job import (
    DRAWN,
    DRAWN_PX,
    JOBS,
    PAINTED_PX,
    QUESTION,
    SCALE,
    SENTENCES,
    SPOKEN,
    SPOKEN_WORDS,
    Done,
    check,
    row_of,
)

BASE: Final = "/openai/v1"
TASKS, RESULT = "/v3/async/upscale", "/v3/async/task-result"
TASK_ENDED: Final = {"TASK_STATUS_SUCCEED", "TASK_STATUS_FAILED"}
MAX_POLLS: Final = 120
POLL_S: Final = 0.5
MAX_TOKENS: Final = 16


def run_all(url: str, key: str, client: Client, folder: Path) -> list[Done]:
    """Raises CheckFailed for an answer that is none."""
    doors = _OpenAIDoors(OpenAI(base_url=url + BASE, api_key=key, max_retries=0), client)
    spoken = folder / "spoken-again.mp3"
    return [
        doors.chat(),
        doors.embed(),
        doors.draw(),
        doors.paint(),
        doors.speak(spoken),
        doors.listen(spoken),
        _upscale(client),
    ]


class _OpenAIDoors:
    def __init__(self, openai: OpenAI, client: Client) -> None:
        self._openai, self._client = openai, client

    def chat(self) -> Done:
        answered, row = self._timed(
            "/chat/completions",
            lambda: self._openai.chat.completions.with_raw_response.create(
                model="smollm2-135m",
                messages=[{"role": "user", "content": QUESTION}],
                max_tokens=MAX_TOKENS,
            ),
        )
        text = answered.parse().choices[0].message.content
        check(bool(text), "the chat answer is empty")
        return row(text)

    def embed(self) -> Done:
        answered, row = self._timed(
            "/embeddings",
            lambda: self._openai.embeddings.with_raw_response.create(
                model="e5-small", input=list(SENTENCES)
            ),
        )
        vectors = answered.parse().data
        check(len(vectors) == len(SENTENCES), f"{len(vectors)} vectors")
        return row(f"{len(vectors)} vectors")

    def draw(self) -> Done:
        answered, row = self._timed(
            "/images/generations",
            lambda: self._openai.images.with_raw_response.generate(
                model="sketch", prompt=DRAWN, response_format="b64_json"
            ),
        )
        drawn = base64.b64decode(answered.parse().data[0].b64_json)
        check(picture.size(drawn) == (DRAWN_PX, DRAWN_PX), "the drawing has another size")
        return row(f"{len(drawn)} bytes")

    def paint(self) -> Done:
        answered, row = self._timed(
            "/images/edits",
            lambda: self._openai.images.with_raw_response.edit(
                model="style-lite",
                image=("drawn.png", picture.draw(PAINTED_PX)),
                prompt="mosaic",
                response_format="b64_json",
            ),
        )
        painted = base64.b64decode(answered.parse().data[0].b64_json)
        check(picture.size(painted) == (PAINTED_PX, PAINTED_PX), "the painting has another size")
        return row(f"{len(painted)} bytes")

    def speak(self, spoken: Path) -> Done:
        answered, row = self._timed(
            "/audio/speech",
            lambda: self._openai.audio.speech.with_raw_response.create(
                model="joe-piper", input=SPOKEN, voice="joe", response_format="mp3"
            ),
        )
        spoken.write_bytes(answered.content)
        return row(str(spoken))

    def listen(self, spoken: Path) -> Done:
        answered, row = self._timed(
            "/audio/transcriptions",
            lambda: self._openai.audio.transcriptions.with_raw_response.create(
                model="whisper-tiny-en", file=spoken
            ),
        )
        text = answered.parse().text
        missing = [word for word in SPOKEN_WORDS if word not in text.lower()]
        check(not missing, f"the words {missing} were not heard in {text!r}")
        return row(text)

    def _timed(self, path: str, ask: Callable[[], Any]) -> tuple[Any, Callable[[str], Done]]:
        """The raw answer, and what makes its row once it has been checked."""
        begun = time.monotonic()
        answered = ask()
        seconds = time.monotonic() - begun
        job = self._client.call("GET", f"{JOBS}/{answered.headers['x-sluice-job']}")
        return answered, lambda answer: row_of(job, seconds, answer, BASE + path)


def _upscale(client: Client) -> Done:
    begun = time.monotonic()
    small = picture.draw()
    request = {
        "model_name": "span-x4",
        "image_base64": base64.b64encode(small).decode(),
        "scale_factor": SCALE,
    }
    task = client.call("POST", TASKS, {"extra": None, "request": request})["task_id"]
    result: Any = None
    for _ in range(MAX_POLLS):
        result = client.call("GET", f"{RESULT}?task_id={task}")
        if result["task"]["status"] in TASK_ENDED:
            break
        time.sleep(POLL_S)
    seconds = time.monotonic() - begun
    check(result["task"]["status"] == "TASK_STATUS_SUCCEED", f"the task ended as {result['task']}")
    large = client.download(result["images"][0]["image_url"])
    check(picture.size(large) == (picture.SIDE_PX * SCALE,) * 2, "the picture has another size")
    job = client.call("GET", f"{JOBS}/{task}")
    return row_of(job, seconds, f"{len(large)} bytes", TASKS)
