"""/openai/v1/moderations"""

from fastapi import APIRouter, Response

from functions.inference.openai.caller import REPLAYED_HEADER, Caller, Retried
from functions.inference.openai.moderations.schemas import ModerationRequest, Moderations
from functions.inference.openai.moderations.service import moderate
from sluice.moderation import POLICY_VERSION

router = APIRouter()


@router.post("/moderations")
async def create_moderation(
    body: ModerationRequest, response: Response, caller: Caller, retry: Retried
) -> Moderations:
    """What the content policy says of texts and pictures. Free, within a daily bound; nothing of
    them is kept. Refusals: `rate_limited`, `not_an_image`, `screening_unavailable`."""
    moderated, replayed = moderate(caller.account, body, retry.idempotency_key)
    if replayed:
        response.headers[REPLAYED_HEADER] = "true"
    return Moderations(
        id=moderated.id,
        model=f"sluice-content-policy-{POLICY_VERSION}",
        results=list(moderated.results),
    )
