"""By what a browser shows that a person sits before it."""

from fastapi import APIRouter

from functions.auth.challenges import service
from functions.auth.challenges.schemas import Challenge
from sluice.http import PROBLEMS

router = APIRouter(prefix="/v1/auth/challenge", tags=["users"], responses=PROBLEMS)


@router.get("")
async def get_challenge() -> Challenge:
    """The site key of the challenge that sign-up and password resets ask for after a few from one
    network (`challenge_required`), and that gives more attempts to sign in to an attacked account.
    Public."""
    verifier = service.configured()
    if verifier is None:
        return Challenge(site_key=None, script=None)
    return Challenge(site_key=verifier.site_key, script=verifier.script)
