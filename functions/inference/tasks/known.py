"""Which module does which task."""

from collections.abc import Mapping

from functions.inference.tasks import chat, embedding, upscale
from functions.inference.tasks.task import Task

TASKS: Mapping[str, Task] = {"chat": chat, "embedding": embedding, "upscale": upscale}
