"""/openai/v1/completions"""

from fastapi import APIRouter, Response

from functions.inference.openai.caller import Caller, Retried, tell
from functions.inference.openai.completions.schemas import Completion, CompletionRequest
from functions.inference.openai.service import Call, answer

ROUTE = "/openai/v1/completions"

router = APIRouter()


@router.post("/completions")
async def create_completion(
    body: CompletionRequest, response: Response, caller: Caller, retry: Retried
) -> Completion:
    """OpenAI's older completions, for models that continue a text; not streaming yet."""
    call = Call(ROUTE, {"completion"}, body.model, body.as_input(), body.further)
    answered = await answer(caller, call, retry)
    tell(response, answered)
    return Completion.of(answered.job, answered.result)
