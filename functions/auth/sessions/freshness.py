"""Step-up: what would hand the account over takes more than a session that somebody left open."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import Depends

from sluice import clock
from sluice.errors import Forbidden
from sluice.principal import Principal, require

FRESH_MS: Final = 30 * 60 * clock.MS_PER_S
"""How long ago the password was proven, at sign-in or by step-up."""


def fresh(*permissions: str, while_limited: bool = False) -> Callable[..., Principal]:
    """A dependency: the principal, holding `permissions`; raises Forbidden `step_up_required` in a
    session that is open for longer."""
    holding = require(*permissions, while_limited=while_limited)

    async def checked(owner: Annotated[Principal, Depends(holding)]) -> Principal:
        check_fresh(owner)
        return owner

    return checked  # type: ignore[return-value]  # FastAPI awaits it


def check_fresh(owner: Principal) -> None:
    """Raises Forbidden `step_up_required`."""
    if clock.now_ms() - owner.authenticated_ms >= FRESH_MS:
        raise Forbidden(
            "Prove with POST /v1/auth/step-up that it is you; then ask again.",
            code="step_up_required",
        )


FreshOwner = Annotated[Principal, Depends(fresh("user"))]
