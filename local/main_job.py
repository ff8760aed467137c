"""The product's main job, through the public API, every answer checked: a chat answer, embeddings,
a picture drawn, drawn over and mended, one four times larger and one in a style, a sentence spoken
and heard, and the bill."""

import base64
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local import picture
from local.client import Client

WAIT_S: Final = 25
MAX_WAITS: Final = 12
SCALE: Final = 4
MIN_SIMILARITY: Final = 0.95
JOBS: Final = "/v1/inference/jobs"
ENDED: Final = {"succeeded", "failed", "canceled", "expired", "blocked"}
QUESTION: Final = "In one sentence: what is an apple?"
SENTENCES: Final = (
    "query: how do I reset my password",
    "passage: Passwords can be changed in the account's settings.",
    "passage: Penguins live in the southern hemisphere.",
)
DRAWN: Final = "a red apple"
DRAWN_PX: Final = 256
PAINTED_PX: Final = 256
MIN_REDNESS: Final = 0.1
OVERDRAWN: Final = "a castle"
MENDED: Final = "a yellow star"
MIN_KEPT_SIMILARITY: Final = 0.999
MAX_PAINTED_SIMILARITY: Final = 0.95
SPOKEN: Final = "Good morning. The gate is open, and the water is rising slowly."
SPOKEN_WORDS: Final = ("morning", "gate", "open", "water")
MIN_SPOKEN_MS: Final = 2_000


class CheckFailed(Exception):
    """The platform answered something that it should not have."""


@dataclass(frozen=True, slots=True)
class Done:
    """One job's row in the table."""

    task: str
    model: str
    status: str
    seconds: float
    held_nanos: int
    charged_nanos: int
    answer: str
    door: str = JOBS


def run_all(client: Client, folder: Path) -> list[Done]:
    """Raises CheckFailed for an answer that is none. Files are kept in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    spoken = folder / "spoken.mp3"
    return [
        _chat(client),
        _embedding(client),
        _draw(client, folder),
        _draw_over(client, folder),
        _mend(client, folder),
        _upscale(client, folder),
        _paint(client, folder),
        _speak(client, spoken),
        _listen(client, spoken),
    ]


def _chat(client: Client) -> Done:
    given = {"messages": [{"role": "user", "content": QUESTION}], "max_tokens": 48}
    job, seconds = _run(client, "smollm2-135m", given)
    text = job["result"]["choices"][0]["message"]["content"].strip()
    usage = job["result"]["usage"]
    check(len(text) > 0, "the chat answer is empty")
    check(0 < usage["completion_tokens"] <= given["max_tokens"], f"odd usage: {usage}")
    return row_of(job, seconds, text)


def _embedding(client: Client) -> Done:
    job, seconds = _run(client, "e5-small", {"input": list(SENTENCES)})
    vectors = [entry["embedding"] for entry in job["result"]["data"]]
    check([len(v) for v in vectors] == [384] * len(SENTENCES), "vectors of an odd length")
    near, far = _cosine(vectors[0], vectors[1]), _cosine(vectors[0], vectors[2])
    check(near > far, f"the related passage is no nearer: {near:.3f} and {far:.3f}")
    return row_of(job, seconds, f"cosine {near:.3f} to the related passage, {far:.3f} to the other")


def _draw(client: Client, folder: Path) -> Done:
    job, seconds = _run(client, "sketch", {"prompt": DRAWN, "seed": 1})
    drawn = client.download(job["result"]["images"][0]["url"])
    check(picture.size(drawn) == (DRAWN_PX, DRAWN_PX), "the drawing has another size")
    redness = picture.redness(drawn)
    check(redness > MIN_REDNESS, f"what was drawn is not very red: {redness:.2f}")
    (folder / "drawn.png").write_bytes(drawn)
    return row_of(job, seconds, str(folder / "drawn.png"))


def _draw_over(client: Client, folder: Path) -> Done:
    """A picture from a picture and a prompt."""
    given = picture.draw(DRAWN_PX)
    wanted = {"prompt": OVERDRAWN, "image": base64_of(given), "seed": 1}
    job, seconds = _run(client, "sketch-img2img", wanted)
    drawn = client.download(job["result"]["images"][0]["url"])
    check_drawn_over(given, drawn)
    (folder / "drawn-over.png").write_bytes(drawn)
    return row_of(job, seconds, str(folder / "drawn-over.png"))


def check_drawn_over(given: bytes, drawn: bytes) -> None:
    check(picture.size(drawn) == (DRAWN_PX, DRAWN_PX), "what was drawn over has another size")
    alike = picture.similarity(given, drawn)
    check(alike < MAX_PAINTED_SIMILARITY, f"nothing was drawn over the picture: {alike:.3f}")


def _mend(client: Client, folder: Path) -> Done:
    """A picture drawn anew inside a mask."""
    given, mask = picture.draw(DRAWN_PX), picture.mask(DRAWN_PX)
    wanted = {
        "prompt": MENDED,
        "image": base64_of(given),
        "mask": base64_of(mask),
        "seed": 1,
    }
    job, seconds = _run(client, "sketch-inpaint", wanted)
    mended = client.download(job["result"]["images"][0]["url"])
    check_mended(given, mask, mended)
    (folder / "mended.png").write_bytes(mended)
    return row_of(job, seconds, str(folder / "mended.png"))


def check_mended(given: bytes, mask: bytes, mended: bytes) -> None:
    """Outside the mask it is the picture as it came, inside it is another."""
    kept = picture.similarity(picture.outside(given, mask), picture.outside(mended, mask))
    check(kept > MIN_KEPT_SIMILARITY, f"what should stay was changed: {kept:.4f}")
    alike = picture.similarity(given, mended)
    check(alike < MIN_KEPT_SIMILARITY, f"nothing was drawn inside the mask: {alike:.4f}")


def _upscale(client: Client, folder: Path) -> Done:
    small = picture.draw()
    job, seconds = _run(client, "span-x4", {"image": base64_of(small), "scale": SCALE})
    large = client.download(job["result"]["images"][0]["url"])
    wanted = (picture.SIDE_PX * SCALE, picture.SIDE_PX * SCALE)
    check(picture.size(large) == wanted, f"the picture measures {picture.size(large)}")
    alike = picture.similarity(small, large)
    check(alike > MIN_SIMILARITY, f"the picture resembles its source by {alike:.3f} only")
    (folder / "small.png").write_bytes(small)
    (folder / "large.png").write_bytes(large)
    return row_of(job, seconds, str(folder / "large.png"))


def _paint(client: Client, folder: Path) -> Done:
    given = picture.draw(PAINTED_PX)
    job, seconds = _run(client, "style-lite", {"image": base64_of(given), "style": "starry"})
    painted = client.download(job["result"]["images"][0]["url"])
    check(picture.size(painted) == (PAINTED_PX, PAINTED_PX), "the painting has another size")
    alike = picture.similarity(given, painted)
    check(alike < MAX_PAINTED_SIMILARITY, f"the painting is the picture as it came: {alike:.3f}")
    (folder / "painted.png").write_bytes(painted)
    return row_of(job, seconds, str(folder / "painted.png"))


def _speak(client: Client, spoken: Path) -> Done:
    job, seconds = _run(client, "joe-piper", {"text": SPOKEN, "format": "mp3"})
    audio = job["result"]["audio"]
    spoken.write_bytes(client.download(audio["url"]))
    check(audio["duration_ms"] > MIN_SPOKEN_MS, f"the sentence took {audio['duration_ms']} ms")
    return row_of(job, seconds, str(spoken))


def _listen(client: Client, spoken: Path) -> Done:
    """What was spoken, written down again."""
    job, seconds = _run(client, "whisper-tiny-en", {"audio": base64_of(spoken.read_bytes())})
    text = job["result"]["text"]
    missing = [word for word in SPOKEN_WORDS if word not in text.lower()]
    check(not missing, f"the words {missing} were not heard in {text!r}")
    return row_of(job, seconds, text)


def _run(client: Client, model: str, given: Mapping[str, Any]) -> tuple[Mapping[str, Any], float]:
    begun = time.monotonic()
    prefer = {"Prefer": f"wait={WAIT_S}"}
    job = client.call("POST", JOBS, {"model": model, "input": given}, prefer)
    for _ in range(MAX_WAITS):
        if job["status"] in ENDED:
            break
        job = client.call("GET", f"{JOBS}/{job['id']}", headers=prefer)
    check(job["status"] == "succeeded", f"{model}: {job['status']}, {job['error']}")
    return job, time.monotonic() - begun


def row_of(job: Mapping[str, Any], seconds: float, answer: str, door: str = JOBS) -> Done:
    """Raises CheckFailed for a price that cannot be."""
    price = job["price"]
    held, charged = int(price["held"]["nanos"]), int(price["charged"]["nanos"])
    check(0 < charged <= held, f"{job['model']} charged {charged} of {held} held")
    return Done(job["task"], job["model"], job["status"], seconds, held, charged, answer, door)


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _cosine(first: Sequence[float], second: Sequence[float]) -> float:
    product = sum(a * b for a, b in zip(first, second, strict=True))
    return product / math.sqrt(sum(a * a for a in first) * sum(b * b for b in second))


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise CheckFailed(otherwise)
