"""Which module does which task."""

from collections.abc import Mapping

from functions.inference.tasks import (
    chat,
    completion,
    embedding,
    hearing,
    imaging,
    rerank,
    speaking,
)
from functions.inference.tasks.task import Task

TASKS: Mapping[str, Task] = {
    "chat": chat,
    "completion": completion,
    "embedding": embedding,
    "rerank": rerank,
    "text-to-image": imaging,
    "image-to-image": imaging,
    "inpainting": imaging,
    "upscale": imaging,
    "remove-background": imaging,
    "speech-to-text": hearing,
    "text-to-speech": speaking,
}
