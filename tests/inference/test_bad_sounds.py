"""What is no usable sound is refused before it costs anything, whatever is wrong with it."""

import struct
import time
from contextlib import suppress
from typing import Any

import pytest

from functions.inference.tasks import sounds
from sluice.errors import InvalidInput
from tests.inference import samples
from tests.inference.platform import Client, Platform
from tests.inference.refusals import assert_refused, assert_untouched

HOUR_S = 3_600
BUSY_S = 5


def wav_header(data_bytes: int, rate: int = 16_000, channels: int = 1) -> bytes:
    """A WAV that announces so much sound and has none."""
    layout = struct.pack("<HHIIHH", 1, channels, rate, rate * 2 * channels, 2 * channels, 16)
    return (
        b"RIFF"
        + struct.pack("<I", min(36 + data_bytes, 2**32 - 1))
        + b"WAVEfmt "
        + struct.pack("<I", len(layout))
        + layout
        + b"data"
        + struct.pack("<I", data_bytes)
    )


def flac_header(samples_count: int, rate: int = 16_000) -> bytes:
    packed = (rate << 44) | (0 << 41) | (15 << 36) | samples_count
    info = struct.pack(">HH", 4096, 4096) + bytes(6) + packed.to_bytes(8) + bytes(16)
    return b"fLaC" + b"\x80" + len(info).to_bytes(3) + info


SOUNDS: list[tuple[str, bytes, str]] = [
    ("text", b"this is no sound at all", "not_audio"),
    ("a picture", samples.picture(), "not_audio"),
    ("a playlist", b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\nfile:///etc/passwd\n", "not_audio"),
    ("a few bytes", b"ID3" + bytes(4), "not_audio"),
    ("a tag alone", b"ID3\x04\0\0\0\0\0\0", "not_audio"),
    ("a WAV without a header", b"RIFF\0\0\0\0WAVE", "not_audio"),
    ("a WAV without sound", wav_header(0), "not_audio"),
    ("a WAV of no rate", wav_header(32_000, rate=0), "not_audio"),
    ("a FLAC cut off", b"fLaC\x80\0\0\x22", "not_audio"),
    ("a FLAC of no length", flac_header(0), "not_audio"),
    ("an Ogg cut off", b"OggS" + bytes(40), "not_audio"),
    ("an MP4 cut off", b"\0\0\0\x20ftypM4A \0\0\0\0", "not_audio"),
    ("an hour of WAV", wav_header(HOUR_S * 32_000), "audio_too_long"),
    ("an hour of FLAC", flac_header(HOUR_S * 16_000), "audio_too_long"),
    ("a millisecond too many", wav_header(600_001 * 32), "audio_too_long"),
    ("the longest WAV there is", wav_header(2**32 - 1), "audio_too_long"),
]


def test_what_is_no_usable_sound_is_refused(
    platform: Platform, ada: Client, subtests: pytest.Subtests
) -> None:
    for name, content, code in SOUNDS:
        platform.clock.advance(3)
        with subtests.test(name):
            answer = ada.submit("whisper-tiny-en", {"audio": samples.base64_of(content)})

            assert_refused(answer, 422, code)

    assert_untouched(platform, ada)


@pytest.mark.parametrize(
    "start", [samples.sound(0.2), flac_header(3_200) + bytes(400)], ids=["wav", "flac"]
)
def test_no_damage_to_a_header_is_our_failure(start: bytes) -> None:
    for place in range(4, 200):
        for flipped in (0x01, 0x80, 0xA5, 0xFF):
            damaged = start[:place] + bytes([start[place] ^ flipped]) + start[place + 1 :]

            # Either it says how long it lasts, or it is refused; nothing else is raised.
            with suppress(InvalidInput):
                assert sounds.measure(damaged).duration_ms > 0


@pytest.mark.parametrize(
    "start",
    [b"ID3\x04\0\0\x7f\x7f\x7f\x7f", b"\xff\xfb\x90\x00", b"OggS", b"\0\0\0\x18ftypM4A "],
    ids=["mp3 with a tag", "mp3", "ogg", "m4a"],
)
def test_a_header_made_to_keep_us_busy_is_soon_read(start: bytes) -> None:
    begun_s = time.process_time()

    with suppress(InvalidInput):
        sounds.measure((start * 10_000_000)[:30_000_000])

    assert time.process_time() - begun_s < BUSY_S


@pytest.mark.parametrize("audio", ["", "!!!!!!!!", "http://example.com/a.mp3", "A" * 9, 5, None])
def test_what_is_no_base64_is_refused(platform: Platform, ada: Client, audio: Any) -> None:
    answer = ada.submit("whisper-tiny-en", {"audio": audio})

    assert answer.status == 422
    assert answer.json["code"] in ("invalid_input", "not_audio")
    assert_untouched(platform, ada)


def test_uploads_take_sound_and_no_type_that_no_model_takes(ada: Client) -> None:
    body: dict[str, Any] = {"size_bytes": 100, "sha256": "0" * 64}

    sound = ada.send("POST", "/v1/inference/uploads", body=body | {"content_type": "audio/mpeg"})
    video = ada.send("POST", "/v1/inference/uploads", body=body | {"content_type": "video/mp4"})
    large = ada.send(
        "POST",
        "/v1/inference/uploads",
        body=body | {"content_type": "audio/wav", "size_bytes": 30_000_001},
    )

    assert sound.status == 201
    assert_refused(video, 422, "invalid_input")
    assert_refused(large, 413, "payload_too_large")
