"""/openai/v1 and /v3/openai: the doors for OpenAI's clients, the same under both."""

from fastapi import APIRouter

from functions.inference.openai.audio.routes import router as audio
from functions.inference.openai.chat.routes import router as chat
from functions.inference.openai.completions.routes import router as completions
from functions.inference.openai.embeddings.routes import router as embeddings
from functions.inference.openai.family import PREFIXES
from functions.inference.openai.images.routes import router as images
from functions.inference.openai.models.routes import router as models
from functions.inference.openai.moderations.routes import router as moderations
from functions.inference.openai.rerank.routes import router as rerank


def _under(prefix: str) -> APIRouter:
    router = APIRouter(prefix=prefix, tags=["openai"])
    for part in (chat, completions, embeddings, images, audio, models, moderations, rerank):
        router.include_router(part)
    return router


routers = [_under(prefix) for prefix in PREFIXES]
