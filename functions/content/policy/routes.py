"""/v1/content/policy"""

from fastapi import APIRouter

from functions.content.policy.schemas import PolicyBody, show_category
from functions.content.settings import settings
from sluice.http import PROBLEMS
from sluice.moderation.policy import RULES, VERSION

router = APIRouter(prefix="/v1/content/policy", tags=["content"], responses=PROBLEMS)


@router.get("")
async def get_policy() -> PolicyBody:
    """The content policy in force: what is forbidden, what happens then, how well it is looked
    for, and what nobody looks for. Public."""
    guardrail = settings().guardrail_id
    return PolicyBody(
        version=VERSION,
        detectors=guardrail,
        categories=[show_category(rule, guardrail) for rule in RULES.values()],
    )
