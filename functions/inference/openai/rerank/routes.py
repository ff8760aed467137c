"""/openai/v1/rerank"""

from fastapi import APIRouter, Response

from functions.inference.openai.caller import Caller, Retried, tell
from functions.inference.openai.rerank.schemas import Rerank, RerankRequest
from functions.inference.openai.service import Call, answer

ROUTE = "/openai/v1/rerank"

router = APIRouter()


@router.post("/rerank", response_model_exclude_none=True)
async def create_rerank(
    body: RerankRequest, response: Response, caller: Caller, retry: Retried
) -> Rerank:
    """Orders documents by how well they answer a query, as Jina's clients ask it."""
    call = Call(ROUTE, {"rerank"}, body.model, body.as_input(), body.further)
    answered = await answer(caller, call, retry)
    tell(response, answered)
    return Rerank.of(answered.job, answered.result, body)
