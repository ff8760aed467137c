"""Speech and transcripts through OpenAI's client."""

import json
from typing import Any

import openai
import pytest
from openai.types.audio import TranscriptionVerbose

from tests.inference import samples
from tests.inference.openai_client import form, openai_of
from tests.inference.platform import Client, Platform, always
from tests.simulation.detectors import FORBIDDEN
from tests.simulation.endpoints import Work

WAV = ("speech.wav", samples.sound(1.0), "audio/wav")
TEXT = "Good morning. The gate is open."


@pytest.fixture
def heard(platform: Platform) -> None:
    platform.model = always(Work(output=samples.transcript(TEXT)))


def payload(platform: Platform) -> Any:
    return json.loads(platform.endpoints.invocations[-1].payload)


@pytest.mark.usefixtures("heard")
def test_speech_becomes_text(platform: Platform, ada: Client) -> None:
    client, door = openai_of(ada)

    answer = client.audio.transcriptions.create(
        model="whisper-tiny-en", file=WAV, language="en", temperature=0
    )

    assert answer.text == TEXT
    assert answer.usage is not None
    assert answer.usage.type == "duration"
    assert answer.usage.seconds == 1.0
    assert payload(platform)["timestamps"] == "none"
    job = ada.job(door.response.headers["x-sluice-job"])
    assert job["usage"]["input_millisecond"] == 1_000
    assert ada.spent_nanos == int(job["price"]["charged"]["nanos"])


@pytest.mark.usefixtures("heard")
def test_a_verbose_transcript_has_segments_and_the_words_that_were_asked_for(ada: Client) -> None:
    client, _ = openai_of(ada)

    plain = client.audio.transcriptions.create(
        model="whisper-tiny-en", file=WAV, response_format="verbose_json"
    )
    worded = client.audio.transcriptions.create(
        model="whisper-tiny-en",
        file=WAV,
        response_format="verbose_json",
        timestamp_granularities=["word"],
    )

    assert isinstance(plain, TranscriptionVerbose)
    assert plain.segments is not None
    assert [segment.text for segment in plain.segments] == ["Good morning.", "The gate is open."]
    assert (plain.language, plain.duration, plain.words) == ("en", 1.0, None)
    assert isinstance(worded, TranscriptionVerbose)
    assert worded.words is not None
    assert [word.word for word in worded.words] == TEXT.split()
    assert worded.segments is None


@pytest.mark.usefixtures("heard")
def test_transcripts_come_as_text_and_as_subtitles(ada: Client) -> None:
    client, door = openai_of(ada)

    text, srt, vtt = (
        client.audio.transcriptions.create(
            model="whisper-tiny-en", file=WAV, response_format=wanted
        )
        for wanted in ("text", "srt", "vtt")
    )

    assert text == TEXT + "\n"
    assert srt == (
        "1\n00:00:00,000 --> 00:00:00,500\nGood morning.\n\n"
        "2\n00:00:00,500 --> 00:00:01,000\nThe gate is open.\n"
    )
    assert vtt == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:00.500\nGood morning.\n\n"
        "00:00:00.500 --> 00:00:01.000\nThe gate is open.\n"
    )
    assert door.response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"language": "de"}, "language"),
        ({"temperature": 2}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"response_format": "diarized_json"}, "response_format"),
        ({"timestamp_granularities": ["word"]}, "timestamp_granularities"),
        ({"prompt": "Names: Sluice"}, "prompt"),
        ({"stream": True}, "stream"),
    ],
)
def test_a_transcription_refuses_by_name(
    platform: Platform, ada: Client, given: Any, param: str
) -> None:
    client, _ = openai_of(ada)

    with pytest.raises(openai.BadRequestError) as refusal:
        client.audio.transcriptions.create(model="whisper-tiny-en", file=WAV, **given)

    assert refusal.value.param == param
    assert platform.endpoints.invocations == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "invalid_value"),
        (b"no sound at all", "not_audio"),
        (samples.sound(0.01)[:20], "not_audio"),
        (samples.picture(), "not_audio"),
    ],
)
def test_what_is_no_sound_is_refused(
    platform: Platform, ada: Client, content: bytes, code: str
) -> None:
    client, _ = openai_of(ada)

    with pytest.raises(openai.BadRequestError) as refusal:
        client.audio.transcriptions.create(model="whisper-tiny-en", file=("a.wav", content))

    assert refusal.value.code == code
    assert ada.spent_nanos == 0


def test_a_file_that_is_a_text_is_refused_by_name(ada: Client) -> None:
    named = form({"model": "whisper-tiny-en", "file": "speech.wav"})

    answer = ada.send("POST", "/openai/v1/audio/transcriptions", **named)

    assert (answer.status, answer.json["error"]["param"]) == (400, "file")


def test_translations_are_refused_clearly(ada: Client) -> None:
    client, _ = openai_of(ada)

    with pytest.raises(openai.BadRequestError) as refusal:
        client.audio.translations.create(model="whisper-tiny-en", file=WAV)

    assert refusal.value.code == "translation_unsupported"


def test_what_was_said_is_screened_before_it_is_answered(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(output=samples.transcript(f"He said {FORBIDDEN}. Twice.")))
    client, _ = openai_of(ada)

    with pytest.raises(openai.BadRequestError) as refusal:
        client.audio.transcriptions.create(model="whisper-tiny-en", file=WAV)

    assert refusal.value.code == "content_policy_violation"
    assert ada.spent_nanos == 0


@pytest.mark.parametrize("wanted", ["wav"])
def test_text_becomes_speech_byte_for_byte(platform: Platform, ada: Client, wanted: Any) -> None:
    platform.model = always(Work(output=WAV[1]))
    client, door = openai_of(ada)

    spoken = client.audio.speech.create(
        model="joe-piper", input=TEXT, voice="joe", response_format=wanted, speed=1.2
    )

    assert spoken.content == WAV[1]
    assert door.response.headers["content-type"] == "audio/wav"
    assert payload(platform) == {"text": TEXT, "voice": "joe", "speed": 1.2, "format": "wav"}
    job = ada.job(door.response.headers["x-sluice-job"])
    assert job["usage"]["input_character"] == len(TEXT)
    assert ada.spent_nanos == int(job["price"]["charged"]["nanos"])


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"voice": "alloy"}, "voice"),
        ({"voice": {"id": "voice_1"}}, "voice"),
        ({"response_format": "opus"}, "response_format"),
        ({"speed": 4.0}, "speed"),
        ({"instructions": "Sound happy."}, "instructions"),
        ({"stream_format": "sse"}, "stream_format"),
        ({"input": ""}, "input"),
        ({"input": "x" * 4_001}, "input"),
        ({"extra_body": {"text": "other"}}, "text"),
        ({"extra_body": {"format": "wav"}}, "format"),
    ],
)
def test_speech_refuses_by_name(platform: Platform, ada: Client, given: Any, param: str) -> None:
    client, _ = openai_of(ada)
    whole: dict[str, Any] = {"model": "joe-piper", "input": TEXT, "voice": "joe"} | given

    with pytest.raises(openai.BadRequestError) as refusal:
        client.audio.speech.create(**whole)

    assert refusal.value.param == param
    assert platform.endpoints.invocations == []


def test_forbidden_words_are_not_spoken(platform: Platform, ada: Client) -> None:
    client, _ = openai_of(ada)

    with pytest.raises(openai.BadRequestError) as refusal:
        client.audio.speech.create(model="joe-piper", input=FORBIDDEN, voice="joe")

    assert refusal.value.code == "content_policy_violation"
    assert platform.endpoints.invocations == []


def test_a_speech_too_long_for_an_answer_is_kept_for_a_link(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(Work(output=samples.sound(150)))
    client, _ = openai_of(ada)

    with pytest.raises(openai.APIStatusError) as refusal:
        client.audio.speech.create(model="joe-piper", input=TEXT, voice="joe")

    assert refusal.value.status_code == 413
    assert "/v1/inference/jobs/job_" in str(refusal.value)
