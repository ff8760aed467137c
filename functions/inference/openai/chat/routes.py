"""/openai/v1/chat/completions"""

from fastapi import APIRouter, Response

from functions.inference.openai.caller import Caller, Retried, tell
from functions.inference.openai.chat.schemas import ChatCompletion, ChatRequest
from functions.inference.openai.service import Call, answer

ROUTE = "/openai/v1/chat/completions"

router = APIRouter()


@router.post("/chat/completions")
async def create_chat_completion(
    body: ChatRequest, response: Response, caller: Caller, retry: Retried
) -> ChatCompletion:
    """OpenAI's chat completions, answered when the model has; not streaming yet."""
    call = Call(ROUTE, {"chat"}, body.model, body.as_input(), body.further)
    answered = await answer(caller, call, retry)
    tell(response, answered)
    return ChatCompletion.of(answered.job, answered.result)
