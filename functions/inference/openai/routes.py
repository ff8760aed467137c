"""/openai/v1: the doors for OpenAI's clients."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header

from functions.inference.models.service import is_served, known_cards
from functions.inference.openai import schemas
from functions.inference.openai.schemas import ChatRequest, EmbeddingRequest
from functions.inference.openai.service import Retry, run
from sluice.catalog import get_card
from sluice.principal import Principal, require

router = APIRouter(prefix="/openai/v1", tags=["openai"])
Caller = Annotated[Principal, Depends(require("inference"))]


def retry_of(
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
    x_stainless_retry_count: Annotated[int, Header(ge=0, le=100)] = 0,
) -> Retry:
    return Retry(idempotency_key, x_stainless_retry_count)


Retried = Annotated[Retry, Depends(retry_of)]


@router.post("/chat/completions")
async def create_chat_completion(
    body: ChatRequest, caller: Caller, retry: Retried
) -> dict[str, Any]:
    """OpenAI's chat completions, answered when the model has; not streaming yet."""
    route = "/openai/v1/chat/completions"
    job, result = await run(caller, "chat", body.model, body.as_input(), route, retry)
    return schemas.chat_completion(job, result)


@router.post("/embeddings")
async def create_embeddings(
    body: EmbeddingRequest, caller: Caller, retry: Retried
) -> dict[str, Any]:
    """OpenAI's embeddings, as floats or base64."""
    given = {"input": body.input}
    route = "/openai/v1/embeddings"
    job, result = await run(caller, "embedding", body.model, given, route, retry)
    return schemas.embedding_list(job, result, body.encoding_format)


@router.get("/models")
async def list_models(caller: Caller) -> dict[str, Any]:
    """The models that this stage serves."""
    served = [schemas.model(card) for card in known_cards() if is_served(card)]
    return {"object": "list", "data": served}


@router.get("/models/{model:path}")
async def get_model(model: str, caller: Caller) -> dict[str, Any]:
    return schemas.model(get_card(model))
