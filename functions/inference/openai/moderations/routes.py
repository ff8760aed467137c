"""/openai/v1/moderations"""

from fastapi import APIRouter

from functions.inference.openai.caller import Caller
from functions.inference.openai.moderations.schemas import ModerationRequest, Moderations
from functions.inference.openai.moderations.service import moderate
from sluice import ids
from sluice.moderation import POLICY_VERSION

router = APIRouter()


@router.post("/moderations")
async def create_moderation(body: ModerationRequest, caller: Caller) -> Moderations:
    """What the content policy says of texts and pictures. Free, within a daily bound; nothing is
    kept. Refusals: `rate_limited`, `not_an_image`, `screening_unavailable`."""
    return Moderations(
        id=ids.new("modr"),
        model=f"sluice-content-policy-{POLICY_VERSION}",
        results=moderate(caller.account, body),
    )
