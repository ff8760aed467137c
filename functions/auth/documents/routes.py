"""Which documents are current, what they say, and accepting them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from functions.auth.documents import service
from functions.auth.documents.schemas import Acceptances, Accepted, Document, Documents
from functions.auth.users.schemas import Acceptance
from sluice import clock, documents
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import Principal, require

router = APIRouter(prefix="/v1/auth/documents", tags=["documents"], responses=PROBLEMS)

Reader = Annotated[Principal, Depends(require("user"))]
Accepting = Annotated[Principal, Depends(require("user", while_limited=True))]


@router.get("")
async def list_documents() -> Documents:
    """The current version of each document that sign-up asks to accept. Public."""
    return Documents(data=[Document.of(each) for each in documents.current()])


@router.get("/accepted")
async def list_acceptances(reader: Reader) -> Acceptances:
    """What you accepted, when and from where. Refusals: `unauthenticated`, `forbidden`."""
    return Acceptances(
        data=[
            Accepted(
                document=each["document"],
                version=each["version"],
                accepted_at=clock.iso(each["accepted_ms"]),
                address=each["address"],
            )
            for each in service.history(reader)
        ]
    )


@router.post("/accept", status_code=204)
async def accept_documents(
    body: Acceptance,
    owner: Accepting,
    caller: Annotated[Caller, Depends(current_caller)],
) -> None:
    """Accept the current versions, for yourself and for the accounts that you own: from within
    seconds on their keys go on. You get a copy of it by mail. Refusals:
    `document_not_current`."""
    service.accept(owner, body.model_dump(), caller)


@router.get("/{document}", response_class=Response)
async def get_document(
    document: Annotated[str, Path(max_length=32, examples=["terms"])],
) -> Response:
    """The current version's text, in Markdown. Public. Refusals: `not_found`."""
    return Response(service.text(document), media_type="text/markdown; charset=utf-8")
