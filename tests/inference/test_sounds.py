"""Sound in and out: what is said is screened as text, and charged by its length."""

import json
import re
from typing import Any

import pytest

from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.simulation.detectors import FORBIDDEN
from tests.simulation.endpoints import Work

HEARD_NANOS, SAID_NANOS = 450_000, 450_000
SECOND = samples.base64_of(samples.sound(1.0))


def heard(text: str, **more: Any) -> Work:
    return Work(output=json.dumps({"text": text, "language": "en"} | more).encode())


def test_speech_is_charged_by_the_milliseconds_of_its_header(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(heard("Good morning."))

    job = ada.submit("whisper-tiny-en", {"audio": SECOND}, prefer="wait").json

    assert job["result"] == {"text": "Good morning.", "language": "en", "duration_ms": 1_000}
    assert job["usage"] == {"request": 1, "input_millisecond": 1_000}
    assert ada.spent_nanos == HEARD_NANOS + 1_000 * 20


def test_the_container_is_told_what_the_header_announced(platform: Platform, ada: Client) -> None:
    ada.submit("whisper-tiny-en", {"audio": f"data:audio/wav;base64,{SECOND}"})

    sent = json.loads(platform.endpoints.invocations[0].payload)
    assert (sent["max_ms"], sent["format"], sent["audio"]) == (1_000, "wav", SECOND)
    assert (sent["language"], sent["timestamps"], sent["temperature"]) == ("en", "none", 0)


def test_segments_and_words_are_shown_with_their_times(platform: Platform, ada: Client) -> None:
    timed = {"start": 0.0, "end": 0.5}
    segments, words = [timed | {"text": "Good."}], [timed | {"word": "Good."}]
    platform.model = always(heard("Good.", segments=segments, words=words, secrets="none"))

    result = ada.submit(
        "whisper-tiny-en", {"audio": SECOND, "timestamps": "word"}, prefer="wait"
    ).json["result"]

    assert (result["segments"], result["words"]) == (segments, words)
    assert "secrets" not in result


@pytest.mark.parametrize(
    "answer",
    [
        heard(f"I said {FORBIDDEN}."),
        heard("Good.", segments=[{"start": 0, "end": 1, "text": FORBIDDEN}]),
        heard("Good.", words=[{"start": 0, "end": 1, "word": FORBIDDEN}]),
    ],
    ids=["text", "segment", "word"],
)
def test_forbidden_words_are_not_shown_wherever_they_stand(
    platform: Platform, ada: Client, answer: Work
) -> None:
    platform.model = always(answer)

    job = ada.submit("whisper-tiny-en", {"audio": SECOND}, prefer="wait").json

    assert (job["status"], job["result"]) == ("blocked", None)
    assert ada.spent_nanos == 0


def test_a_transcript_is_screened_once_although_it_says_all_three_times(
    platform: Platform, ada: Client
) -> None:
    timed = {"start": 0.0, "end": 0.5}
    text = "Good morning. The gate is open."
    segments = [timed | {"text": "Good morning."}, timed | {"text": "The gate is open."}]
    words = [timed | {"word": word} for word in text.split()]
    platform.model = always(heard(text, segments=segments, words=words))

    ada.submit("whisper-tiny-en", {"audio": SECOND, "timestamps": "word"}, prefer="wait")

    assert platform.detectors.allowed_texts == [text]


@pytest.mark.parametrize(
    "output",
    [b"", b"[]", b"{}", b'{"text": 5, "language": "en"}', b'{"text": "a"}', b"RIFF"],
)
def test_what_is_no_transcript_is_not_charged(
    platform: Platform, ada: Client, output: bytes
) -> None:
    platform.model = always(Work(output=output))

    job = ada.submit("whisper-tiny-en", {"audio": SECOND}, prefer="wait").json

    assert (job["status"], job["error"]["code"]) == ("failed", "malformed_output")
    assert ada.spent_nanos == 0


def test_speech_is_a_file_charged_by_the_characters_it_says(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(Work(output=samples.sound(1.5)))

    job = ada.submit("joe-piper", {"text": "Grüß Gott!", "format": "wav"}, prefer="wait").json

    audio = job["result"]["audio"]
    assert set(audio) == {"url", "content_type", "size_bytes", "duration_ms"}
    assert (audio["content_type"], audio["duration_ms"]) == ("audio/wav", 1_500)
    (key,) = platform.results
    assert re.fullmatch(rf"results/{job['id']}/audio-[0-9a-f]{{8}}\.wav", key)
    assert job["usage"] == {"request": 1, "input_character": 10}
    assert ada.spent_nanos == SAID_NANOS + 10 * 500


def test_a_forbidden_text_is_never_said(platform: Platform, ada: Client) -> None:
    job = ada.submit("joe-piper", {"text": f"Say {FORBIDDEN}."}).json

    assert job["status"] == "blocked"
    assert platform.endpoints.invocations == []
    assert ada.spent_nanos == 0


@pytest.mark.parametrize("output", [b"", b"{}", samples.picture(), b"RIFF    WAVE"])
def test_what_is_no_sound_is_not_charged(platform: Platform, ada: Client, output: bytes) -> None:
    platform.model = always(Work(output=output))

    job = ada.submit("joe-piper", {"text": "Hello."}, prefer="wait").json

    assert (job["status"], job["error"]["code"]) == ("failed", "malformed_output")
    assert ada.spent_nanos == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"voice": "alloy"}, "voice"),
        ({"format": "opus"}, "format"),
        ({"speed": 4}, "speed"),
        ({"text": ""}, "text"),
        ({"text": " \n"}, "text"),
        ({"text": "a" * 4_001}, "text"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(
    platform: Platform, ada: Client, changed: dict[str, Any], field: str
) -> None:
    answer = ada.submit("joe-piper", {"text": "Hello."} | changed)

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    assert {error["pointer"] for error in answer.json["errors"]} == {f"/input/{field}"}
    assert ada.spent_nanos == 0
