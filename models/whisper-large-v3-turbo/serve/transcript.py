"""Whisper by faster-whisper: from samples to text, with times where they are wanted."""

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faster_whisper import WhisperModel

TIMESTAMPS = ("none", "segment", "word")
DECIMALS = 2


class InvalidInputError(Exception):
    """The client's fault; `code` is for machines."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request: the file, its format, how long it announces to be, and what to do with it."""

    data: bytes
    kind: str
    max_ms: int
    language: str | None
    timestamps: str
    temperature: float


def read(body: dict[str, Any]) -> Wanted:
    """Raises InvalidInputError."""
    audio, max_ms = body.get("audio"), body.get("max_ms")
    if not isinstance(audio, str) or not isinstance(max_ms, int) or max_ms <= 0:
        raise InvalidInputError("invalid_input", "audio is base64, max_ms what its header says.")
    timestamps = body.get("timestamps", "none")
    if timestamps not in TIMESTAMPS:
        raise InvalidInputError("invalid_input", f"timestamps is one of {', '.join(TIMESTAMPS)}.")
    try:
        data = base64.b64decode(audio, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInputError("not_audio", "audio is not base64.") from error
    kind, temperature = str(body.get("format")), float(body.get("temperature", 0))
    return Wanted(data, kind, max_ms, body.get("language"), timestamps, temperature)


class Listener:
    """The loaded model."""

    def __init__(self, folder: Path, *, device: str, compute_type: str, threads: int = 0) -> None:
        self._model = WhisperModel(
            str(folder),
            device=device,
            compute_type=compute_type,
            cpu_threads=threads,
            local_files_only=True,
        )

    def transcribe(self, samples: Any, wanted: Wanted) -> dict[str, Any]:
        """`{text, language}`, and `segments` or `words` with their times in seconds. Silence is
        skipped, since the model would make words of it."""
        found, about = self._model.transcribe(
            samples,
            language=wanted.language,
            temperature=wanted.temperature,
            word_timestamps=wanted.timestamps == "word",
            vad_filter=True,
        )
        segments = list(found)
        heard: dict[str, Any] = {
            "text": "".join(segment.text for segment in segments).strip(),
            "language": about.language,
        }
        if wanted.timestamps != "none":
            heard["segments"] = [
                _timed(segment, "text", segment.text.strip()) for segment in segments
            ]
        if wanted.timestamps == "word":
            words = (word for segment in segments for word in segment.words or ())
            heard["words"] = [_timed(word, "word", word.word.strip()) for word in words]
        return heard


def _timed(part: Any, name: str, text: str) -> dict[str, Any]:
    return {"start": round(part.start, DECIMALS), "end": round(part.end, DECIMALS), name: text}
