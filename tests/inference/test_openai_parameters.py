"""Every parameter of the pinned client: honoured, or refused by name; none is overlooked."""

from collections.abc import Callable
from typing import Any, get_type_hints

import openai
import pytest
from openai.types import (
    completion_create_params,
    embedding_create_params,
    image_edit_params,
    image_generate_params,
    moderation_create_params,
)
from openai.types.audio import speech_create_params, transcription_create_params
from openai.types.chat import completion_create_params as chat_create_params

from functions.inference.openai.audio.schemas import SpeechRequest, TranscriptionForm
from functions.inference.openai.chat.schemas import ChatRequest
from functions.inference.openai.completions.schemas import CompletionRequest
from functions.inference.openai.embeddings.schemas import EmbeddingRequest
from functions.inference.openai.images.schemas import EditForm, GenerationRequest
from functions.inference.openai.moderations.schemas import ModerationRequest
from functions.inference.openai.schemas import Strict
from tests.inference import samples
from tests.inference.openai_client import openai_of
from tests.inference.platform import Client, Platform

MEANINGLESS = "zzz"
"""No parameter has this as a neutral value."""


def names_of(params: Any) -> set[str]:
    return set(get_type_hints(params))


def known_to(schema: type[Strict]) -> set[str]:
    """A list is `name[]` in a form."""
    return {(field.alias or name).removesuffix("[]") for name, field in schema.model_fields.items()}


CHAT = names_of(chat_create_params.CompletionCreateParamsNonStreaming)


@pytest.mark.parametrize("name", sorted(CHAT - known_to(ChatRequest)))
def test_a_chat_parameter_that_the_model_cannot_is_refused_by_its_name(
    platform: Platform, ada: Client, name: str
) -> None:
    client, _ = openai_of(ada)
    messages: Any = samples.PROMPT["messages"]

    with pytest.raises(openai.BadRequestError) as refusal:
        client.chat.completions.create(
            model="smollm2-135m", messages=messages, extra_body={name: MEANINGLESS}
        )

    assert refusal.value.param == name
    assert refusal.value.code == "unsupported_parameter"
    assert platform.endpoints.invocations == []


REQUESTS: dict[str, tuple[set[str], type[Strict], dict[str, Any]]] = {
    "completions": (
        names_of(completion_create_params.CompletionCreateParamsNonStreaming),
        CompletionRequest,
        {"model": "qwen2-5-7b-base", "prompt": "Once"},
    ),
    "embeddings": (
        names_of(embedding_create_params.EmbeddingCreateParams),
        EmbeddingRequest,
        {"model": "e5-small", "input": "x"},
    ),
    "images/generations": (
        names_of(image_generate_params.ImageGenerateParamsNonStreaming),
        GenerationRequest,
        {"model": "sdxl", "prompt": "A door"},
    ),
    "audio/speech": (
        names_of(speech_create_params.SpeechCreateParams),
        SpeechRequest,
        {"model": "joe-piper", "input": "Hello.", "voice": "joe"},
    ),
    "moderations": (
        names_of(moderation_create_params.ModerationCreateParams),
        ModerationRequest,
        {"input": "x"},
    ),
}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (path, name)
        for path, (names, schema, _) in REQUESTS.items()
        for name in sorted(names - known_to(schema))
    ],
)
def test_so_is_one_of_any_other_request(
    platform: Platform, ada: Client, path: str, name: str
) -> None:
    body = REQUESTS[path][2] | {name: MEANINGLESS}

    answer = ada.send("POST", f"/openai/v1/{path}", body=body)

    assert answer.status == 400, answer.content
    assert answer.json["error"]["param"] == name
    assert platform.endpoints.invocations == []


FORMS: dict[str, tuple[set[str], type[Strict]]] = {
    "edit": (names_of(image_edit_params.ImageEditParamsNonStreaming), EditForm),
    "transcription": (
        names_of(transcription_create_params.TranscriptionCreateParamsNonStreaming),
        TranscriptionForm,
    ),
}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (kind, name)
        for kind, (names, schema) in FORMS.items()
        for name in sorted(names - known_to(schema))
    ],
)
def test_so_is_one_of_a_form(platform: Platform, ada: Client, kind: str, name: str) -> None:
    client, _ = openai_of(ada)
    more = {name: MEANINGLESS}
    picture = ("a.png", samples.picture(), "image/png")
    sound = ("a.wav", samples.sound(), "audio/wav")
    send: dict[str, Callable[[], object]] = {
        "edit": lambda: client.images.edit(
            model="style-lite", image=picture, prompt="mosaic", extra_body=more
        ),
        "transcription": lambda: client.audio.transcriptions.create(
            model="whisper-tiny-en", file=sound, extra_body=more
        ),
    }

    with pytest.raises(openai.BadRequestError) as refusal:
        send[kind]()

    assert refusal.value.param == name
    assert platform.endpoints.invocations == []
