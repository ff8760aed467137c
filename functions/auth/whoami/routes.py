"""Who a credential acts as."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from functions.auth.documents.schemas import Document
from functions.auth.keys.routes import shown_budget
from functions.auth.sessions.service import keep_alive
from functions.auth.whoami.schemas import Whoami
from sluice import clock, documents
from sluice.http import PROBLEMS
from sluice.principal import SESSION_COOKIE, Principal, acting_principal

router = APIRouter(prefix="/v1/auth", tags=["whoami"], responses=PROBLEMS)


@router.get("/whoami")
async def whoami(
    request: Request, principal: Annotated[Principal, Depends(acting_principal)]
) -> Whoami:
    """Who this key or session acts as, and what it may do. Asking counts as using the session, so
    a page that is open keeps it alive. Refusals: `unauthenticated`."""
    if not principal.is_key:
        keep_alive(request.cookies[SESSION_COOKIE])
    return Whoami(
        kind="key" if principal.is_key else "session",
        credential=principal.credential,
        user=principal.user,
        account=principal.account,
        role=principal.role,
        budget=shown_budget(principal.budget),
        member_budget=shown_budget(principal.member_budget),
        rate_per_minute=principal.rate_per_minute,
        documents_due=[Document.of(each) for each in documents.due(principal.accepted)],
        scopes=sorted(principal.scopes),
        models=None if principal.models is None else sorted(principal.models),
        networks=[str(network) for network in principal.networks],
        expires_at=None if principal.expires_ms is None else clock.iso(principal.expires_ms),
    )
