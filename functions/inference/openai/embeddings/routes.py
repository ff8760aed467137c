"""/openai/v1/embeddings"""

from fastapi import APIRouter, Response

from functions.inference.openai.caller import Caller, Retried, tell
from functions.inference.openai.embeddings.schemas import EmbeddingList, EmbeddingRequest
from functions.inference.openai.service import Call, answer

ROUTE = "/openai/v1/embeddings"

router = APIRouter()


@router.post("/embeddings")
async def create_embeddings(
    body: EmbeddingRequest, response: Response, caller: Caller, retry: Retried
) -> EmbeddingList:
    """OpenAI's embeddings, as floats or base64."""
    call = Call(ROUTE, {"embedding"}, body.model, {"input": body.input}, body.further)
    answered = await answer(caller, call, retry)
    tell(response, answered)
    return EmbeddingList.of(answered.job, answered.result, body.encoding_format)
