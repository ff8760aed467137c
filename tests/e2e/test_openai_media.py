"""Pictures and sound through the unmodified openai client."""

import base64
import io
import wave

import httpx
import openai
import pytest
from openai import OpenAI
from openai.types.audio import TranscriptionVerbose

from local import picture
from tests.e2e.product import Person, Product

pytestmark = pytest.mark.xdist_group("platform")

SENTENCE = "Good morning. The gate is open, and the water is rising slowly."
HEARD = ("morning", "gate", "open", "water")
BEGINNINGS = {"mp3": (b"ID3", b"\xff"), "wav": (b"RIFF",), "flac": (b"fLaC",)}
SIDE_PX = 256


@pytest.fixture(scope="module")
def client(product: Product, customer: Person) -> OpenAI:
    return product.openai(customer.key)


@pytest.mark.parametrize("wanted", sorted(BEGINNINGS))
def test_a_sentence_is_spoken_and_understood(client: OpenAI, wanted: str) -> None:
    spoken = client.audio.speech.create(
        model="joe-piper",
        input=SENTENCE,
        voice="joe",
        response_format=wanted,  # type: ignore[arg-type]  # a literal, by its test's name
    ).content

    heard = client.audio.transcriptions.create(
        model="whisper-tiny-en", file=(f"speech.{wanted}", spoken)
    )

    assert spoken.startswith(BEGINNINGS[wanted])
    assert [word for word in HEARD if word in heard.text.lower()] == list(HEARD)


def test_a_transcript_knows_when_what_was_said(client: OpenAI, customer: Person) -> None:
    spoken = client.audio.speech.create(
        model="joe-piper", input=SENTENCE, voice="joe", response_format="wav"
    ).content
    before, _ = customer.money

    heard = client.audio.transcriptions.create(
        model="whisper-tiny-en",
        file=("speech.wav", spoken),
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )
    subtitles = client.audio.transcriptions.create(
        model="whisper-tiny-en", file=("speech.wav", spoken), response_format="vtt"
    )

    assert isinstance(heard, TranscriptionVerbose)
    assert heard.words is not None
    assert heard.segments is not None
    starts = [word.start for word in heard.words]
    assert starts == sorted(starts)
    assert 0 < starts[-1] < heard.duration
    assert str(subtitles).startswith("WEBVTT\n\n00:00:0")
    assert customer.money[0] < before


def test_a_picture_is_painted_in_a_style(client: OpenAI) -> None:
    drawn = picture.draw(SIDE_PX)

    linked = client.images.edit(model="style-lite", image=("a.png", drawn), prompt="mosaic")
    packed = client.images.edit(
        model="style-lite", image=("a.png", drawn), prompt="mosaic", response_format="b64_json"
    )

    assert linked.data is not None
    assert packed.data is not None
    fetched = httpx.get(
        linked.data[0].url or "", follow_redirects=True, trust_env=False, timeout=30
    ).content
    assert picture.size(fetched) == (SIDE_PX, SIDE_PX)
    assert base64.b64decode(packed.data[0].b64_json or "") == fetched
    assert fetched != drawn


def test_moderations_tell_good_from_bad(client: OpenAI) -> None:
    kind, cruel = client.moderations.create(
        input=["The tower is 300 m tall.", "I will find you and kill you with a knife tonight."]
    ).results

    assert not kind.flagged
    assert cruel.flagged
    assert cruel.categories.violence or cruel.categories.harassment_threatening


def test_models_for_larger_machines_are_not_served_here(client: OpenAI) -> None:
    with pytest.raises(openai.InternalServerError) as refusal:
        client.images.generate(model="sdxl", prompt="A red door")

    assert refusal.value.status_code == 503
    assert refusal.value.code == "model_not_served"


def test_what_is_no_sound_costs_nothing(client: OpenAI, customer: Person) -> None:
    before = customer.money

    with pytest.raises(openai.BadRequestError) as refusal:
        client.audio.transcriptions.create(model="whisper-tiny-en", file=("a.wav", b"no sound"))

    assert refusal.value.code == "not_audio"
    assert customer.money == before


def test_a_long_file_is_refused_and_uploads_are_named(client: OpenAI) -> None:
    long = _silence(seconds=150)

    with pytest.raises(openai.APIStatusError) as refusal:
        client.audio.transcriptions.create(model="whisper-tiny-en", file=("a.wav", long))

    assert refusal.value.status_code == 413
    assert "uploads" in str(refusal.value)


def _silence(seconds: int, rate: int = 16_000) -> bytes:
    """WAV, larger than a form may be."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(bytes(2 * rate * seconds))
    return file.getvalue()
