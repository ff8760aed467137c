"""The main job's tasks through the doors that OpenAI's own client knows."""

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
    MENDED,
    OVERDRAWN,
    PAINTED_PX,
    QUESTION,
    SENTENCES,
    SPOKEN,
    SPOKEN_WORDS,
    Done,
    check,
    check_drawn_over,
    check_mended,
    row_of,
)

BASE: Final = "/openai/v1"
MAX_TOKENS: Final = 16


def run_all(url: str, key: str, client: Client, folder: Path) -> list[Done]:
    """Raises CheckFailed for an answer that is none."""
    doors = _OpenAIDoors(OpenAI(base_url=url + BASE, api_key=key, max_retries=0), client)
    spoken = folder / "spoken-again.mp3"
    return [
        doors.chat(),
        doors.embed(),
        doors.draw(),
        doors.draw_over(),
        doors.mend(),
        doors.paint(),
        doors.speak(spoken),
        doors.listen(spoken),
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
                prompt=DRAWN, response_format="b64_json"
            ),
        )
        drawn = base64.b64decode(answered.parse().data[0].b64_json)
        check(picture.size(drawn) == (DRAWN_PX, DRAWN_PX), "the drawing has another size")
        return row(f"{len(drawn)} bytes")

    def draw_over(self) -> Done:
        given = picture.draw(DRAWN_PX)
        drawn, row = self._edited(given, prompt=OVERDRAWN)
        check_drawn_over(given, drawn)
        return row(f"{len(drawn)} bytes")

    def mend(self) -> Done:
        given, mask = picture.draw(DRAWN_PX), picture.mask(DRAWN_PX)
        mended, row = self._edited(given, prompt=MENDED, mask=("mask.png", mask))
        check_mended(given, mask, mended)
        return row(f"{len(mended)} bytes")

    def paint(self) -> Done:
        given = picture.draw(PAINTED_PX)
        painted, row = self._edited(given, prompt="mosaic", model="style-lite")
        check(picture.size(painted) == (PAINTED_PX, PAINTED_PX), "the painting has another size")
        return row(f"{len(painted)} bytes")

    def _edited(self, given: bytes, **wanted: Any) -> tuple[bytes, Callable[[str], Done]]:
        answered, row = self._timed(
            "/images/edits",
            lambda: self._openai.images.with_raw_response.edit(
                image=("given.png", given), response_format="b64_json", **wanted
            ),
        )
        return base64.b64decode(answered.parse().data[0].b64_json), row

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
