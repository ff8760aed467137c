"""/openai/v1/audio"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from functions.inference.openai import files
from functions.inference.openai.audio import subtitles
from functions.inference.openai.audio.schemas import (
    SPEECH_NAMES,
    TRANSCRIPTION_NAMES,
    SpeechRequest,
    Transcription,
    TranscriptionForm,
    VerboseTranscription,
)
from functions.inference.openai.caller import Caller, Retried, tell
from functions.inference.openai.forms import encoded, typed
from functions.inference.openai.service import Call, answer
from sluice.catalog import get_card
from sluice.errors import InvalidInput
from sluice.http import FORM

TRANSCRIPTIONS, SPEECH = "/openai/v1/audio/transcriptions", "/openai/v1/audio/speech"

router = APIRouter(prefix="/audio")


@router.post(
    "/transcriptions",
    response_model=Transcription | VerboseTranscription,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def create_transcription(
    body: Annotated[TranscriptionForm, Form(media_type=FORM)], caller: Caller, retry: Retried
) -> Response:
    """What is said in a file of sound, as JSON, text or subtitles."""
    card = get_card(body.model)
    call = Call(
        TRANSCRIPTIONS,
        {"speech-to-text"},
        card.id,
        body.as_input(await encoded(body.file)),
        typed(card, body.further),
        TRANSCRIPTION_NAMES,
    )
    answered = await answer(caller, call, retry)
    response = _transcript(body, answered.result)
    tell(response, answered)
    return response


def _transcript(body: TranscriptionForm, result: Mapping[str, Any]) -> Response:
    match body.response_format:
        case "text":
            return PlainTextResponse(result["text"] + "\n")
        case "srt":
            return PlainTextResponse(subtitles.srt(result["segments"]))
        case "vtt":
            return PlainTextResponse(subtitles.vtt(result["segments"]))
        case "verbose_json":
            verbose = VerboseTranscription.of(result, body.timestamp_granularities)
            return JSONResponse(verbose.model_dump())
    return JSONResponse(Transcription.of(result).model_dump())


@router.post("/translations", response_model=None, status_code=400)
async def create_translation(caller: Caller) -> Response:
    """Refused: no model here translates what it hears. Refusals: `translation_unsupported`."""
    raise InvalidInput(
        "No model here translates speech. POST /openai/v1/audio/transcriptions writes down what is "
        "said, in the language it is said in.",
        code="translation_unsupported",
    )


@router.post(
    "/speech",
    response_class=Response,
    responses={
        200: {
            "content": {
                media: {"schema": {"type": "string", "format": "binary"}}
                for media in ("audio/mpeg", "audio/wav", "audio/flac")
            }
        }
    },
)
async def create_speech(body: SpeechRequest, caller: Caller, retry: Retried) -> Response:
    """A text read aloud: the file itself."""
    call = Call(SPEECH, {"text-to-speech"}, body.model, body.as_input(), body.further, SPEECH_NAMES)
    answered = await answer(caller, call, retry)
    (content,) = files.read(answered.job)
    response = Response(content, media_type=answered.job.files[0].content_type)
    tell(response, answered)
    return response
