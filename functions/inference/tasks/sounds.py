"""Sound as callers send it: base64, a data URL or `upload:{id}`, measured before it costs.

Only headers are read here, since decoding belongs to the model's container: a file that goes on
for longer than it announces is refused there.
"""

import io
import struct
from dataclasses import dataclass
from typing import Final

from functions.inference.tasks import encoded
from sluice import clock
from sluice.catalog import Card
from sluice.errors import InvalidInput, PayloadTooLarge

EXTENSIONS: Final = {
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
}
MAX_DURATION_S: Final = 10**6
"""What no header means in earnest."""
_DAMAGE = (OSError, ValueError, TypeError, LookupError, ArithmeticError, struct.error)
"""What tinytag's readers raise on damaged headers beside its own exception."""
_FRAME_SYNC: Final = 0xFFE0
"""The first eleven bits of an MPEG frame."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A file of sound, and what its header says of it."""

    data: bytes
    content_type: str
    duration_ms: int


def read_input(card: Card, given: str, account: str) -> Sound:
    """The sound that `given` means, within the card's limits. Raises InvalidInput,
    PayloadTooLarge, or NotFound for an upload that is not the account's."""
    data = encoded.read(given, account, fault="not_audio")
    limit_bytes = card.limits["max_input_bytes"]
    if len(data) > limit_bytes:
        raise PayloadTooLarge(f"{card.id} takes sound of up to {limit_bytes} bytes.")
    sound = measure(data)
    limit_ms = card.limits["max_audio_ms"]
    if sound.duration_ms > limit_ms:
        raise InvalidInput(
            f"The sound lasts {sound.duration_ms} ms; {card.id} takes {limit_ms} ms. Cut it into "
            "parts.",
            code="audio_too_long",
        )
    return sound


def measure(data: bytes) -> Sound:
    """A sound's type and duration, from its header alone. Raises InvalidInput."""
    content_type = _content_type(data)
    if content_type is None:
        raise InvalidInput(
            "That is no MP3, WAV, FLAC, Ogg or M4A by its first bytes.", code="not_audio"
        )
    duration_s = _duration_s(data, EXTENSIONS[content_type])
    if duration_s is None or not 0 < duration_s < MAX_DURATION_S:
        raise InvalidInput(
            "The file does not say how long it lasts, so nobody can say what it costs; save it "
            "as WAV or FLAC.",
            code="not_audio",
        )
    return Sound(data, content_type, max(1, round(duration_s * clock.MS_PER_S)))


def _content_type(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "audio/wav"
    if data[:4] == b"fLaC":
        return "audio/flac"
    if data[:4] == b"OggS":
        return "audio/ogg"
    if data[4:8] == b"ftyp":
        return "audio/mp4"
    is_mpeg = int.from_bytes(data[:2]) & _FRAME_SYNC == _FRAME_SYNC
    return "audio/mpeg" if is_mpeg or data[:3] == b"ID3" else None


def _duration_s(data: bytes, extension: str) -> float | None:
    # Imported here: of all requests, only those with sound need it.
    from tinytag import TinyTag, TinyTagException

    try:
        tag = TinyTag.get(f"sound.{extension}", file_obj=io.BytesIO(data), tags=False)
    except (TinyTagException, *_DAMAGE) as error:
        raise InvalidInput("The file's header is damaged or cut off.", code="not_audio") from error
    return tag.duration
