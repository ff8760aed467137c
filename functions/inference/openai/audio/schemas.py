"""Speech, and what was said: OpenAI's requests and answers."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.inference.openai.forms import Part
from functions.inference.openai.schemas import CardRequest, Model, Strict, without_missing
from sluice import clock
from sluice.errors import InvalidInput

MAX_INPUT_CHARS = 100_000

type Transcript = Literal["json", "text", "srt", "verbose_json", "vtt"]
type Granularity = Literal["word", "segment"]


class TranscriptionForm(CardRequest):
    """A form with one file of sound."""

    model_config = ConfigDict(strict=False)
    neutral: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "prompt": ("",),
        "stream": ("false",),
        "chunking_strategy": ("auto",),
    }

    file: Part
    model: Model
    language: Annotated[str, Field(max_length=40)] | None = None
    temperature: float | None = None
    response_format: Transcript = "json"
    timestamp_granularities: list[Granularity] = Field(
        default=[], alias="timestamp_granularities[]", max_length=2
    )

    @property
    def timestamps(self) -> str:
        """Whose times the model is asked for; raises InvalidInput."""
        if self.timestamp_granularities and self.response_format != "verbose_json":
            raise InvalidInput(
                "Timestamps are only in `verbose_json`.",
                errors=[
                    {
                        "pointer": "/body/timestamp_granularities",
                        "message": "needs response_format=verbose_json",
                    }
                ],
            )
        if self.response_format in ("json", "text"):
            return "none"
        return "word" if "word" in self.timestamp_granularities else "segment"

    def as_input(self, audio: str) -> dict[str, Any]:
        """The speech-to-text task's input. What is the default is not asked for, so that models
        without the field take it too."""
        timestamps = self.timestamps
        return without_missing(
            {
                "audio": audio,
                "language": self.language or None,
                "temperature": self.temperature or None,
                "timestamps": None if timestamps == "none" else timestamps,
            }
        )


class Duration(BaseModel):
    """What was charged for."""

    type: Literal["duration"] = "duration"
    seconds: float


class Transcription(BaseModel):
    text: str
    usage: Duration

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> Self:
        return cls(text=result["text"], usage=_duration(result))


class Segment(BaseModel):
    """What the model does not measure is null."""

    id: int
    start: float
    end: float
    text: str
    seek: int | None = None
    tokens: list[int] | None = None
    temperature: float | None = None
    avg_logprob: float | None = None
    compression_ratio: float | None = None
    no_speech_prob: float | None = None


class Word(BaseModel):
    start: float
    end: float
    word: str


class VerboseTranscription(BaseModel):
    task: Literal["transcribe"] = "transcribe"
    language: str
    duration: float
    text: str
    segments: list[Segment] | None = None
    words: list[Word] | None = None
    usage: Duration

    @classmethod
    def of(cls, result: Mapping[str, Any], wanted: list[Granularity]) -> Self:
        duration = _duration(result)
        segments = words = None
        if not wanted or "segment" in wanted:
            segments = [
                Segment(id=number, **entry) for number, entry in enumerate(result["segments"])
            ]
        if "word" in wanted:
            words = [Word(**entry) for entry in result["words"]]
        return cls(
            language=result["language"],
            duration=duration.seconds,
            text=result["text"],
            segments=segments,
            words=words,
            usage=duration,
        )


def _duration(result: Mapping[str, Any]) -> Duration:
    return Duration(seconds=result["duration_ms"] / clock.MS_PER_S)


class VoiceId(Strict):
    id: str


class SpeechRequest(CardRequest):
    """`voice` and `response_format` are the model's own; its card lists them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": "joe-piper",
                    "input": "Good morning. The gate is open.",
                    "voice": "joe",
                    "response_format": "mp3",
                }
            ]
        }
    )
    neutral: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "instructions": ("",),
        "stream_format": ("audio",),
    }

    model: Model
    input: Annotated[str, Field(max_length=MAX_INPUT_CHARS)]
    voice: str | VoiceId
    response_format: str = "mp3"
    speed: float | None = None

    def as_input(self) -> dict[str, Any]:
        """The text-to-speech task's input; `NAMES` tells whose fields are whose."""
        return without_missing(
            {
                "text": self.input,
                "voice": self.voice if isinstance(self.voice, str) else self.voice.id,
                "format": self.response_format,
                "speed": self.speed,
            }
        )


SPEECH_NAMES = {"text": "input", "format": "response_format"}
TRANSCRIPTION_NAMES = {"audio": "file", "timestamps": "timestamp_granularities"}
