"""/openai/v1: the doors for OpenAI's clients."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from functions.inference.doors import Retry, run
from functions.inference.jobs.job import Job
from functions.inference.models.service import is_served, known_cards
from functions.inference.openai.schemas import (
    ChatCompletion,
    ChatRequest,
    EmbeddingList,
    EmbeddingRequest,
    OpenAIModel,
    OpenAIModelList,
)
from sluice.catalog import get_card
from sluice.principal import Principal, require

JOB_HEADER = "X-Sluice-Job"
CLAMPED_HEADER = "X-Sluice-Clamped-Max-Tokens"

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
    body: ChatRequest, response: Response, caller: Caller, retry: Retried
) -> ChatCompletion:
    """OpenAI's chat completions, answered when the model has; not streaming yet."""
    route = "/openai/v1/chat/completions"
    job, result = await run(caller, "chat", body.model, body.as_input(), route, retry)
    _tell(response, job)
    return ChatCompletion.of(job, result)


@router.post("/embeddings")
async def create_embeddings(
    body: EmbeddingRequest, response: Response, caller: Caller, retry: Retried
) -> EmbeddingList:
    """OpenAI's embeddings, as floats or base64."""
    given = {"input": body.input}
    route = "/openai/v1/embeddings"
    job, result = await run(caller, "embedding", body.model, given, route, retry)
    _tell(response, job)
    return EmbeddingList.of(job, result, body.encoding_format)


@router.get("/models")
async def list_models(caller: Caller) -> OpenAIModelList:
    """The models that this stage serves."""
    return OpenAIModelList(data=[OpenAIModel.of(card) for card in known_cards() if is_served(card)])


@router.get("/models/{model:path}")
async def get_model(model: str, caller: Caller) -> OpenAIModel:
    return OpenAIModel.of(get_card(model))


def _tell(response: Response, job: Job) -> None:
    """What OpenAI's answers have no field for."""
    response.headers[JOB_HEADER] = job.id
    if job.clamped_max_tokens is not None:
        response.headers[CLAMPED_HEADER] = str(job.clamped_max_tokens)
