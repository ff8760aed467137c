"""Which documents are current."""

from fastapi import APIRouter

from functions.auth.documents.schemas import Document, Documents
from functions.auth.documents.service import CURRENT

router = APIRouter(prefix="/v1/auth", tags=["documents"])


@router.get("/documents")
async def list_documents() -> Documents:
    """The current version of each document that sign-up asks to accept. Public."""
    return Documents(
        data=[Document(document=name, version=version) for name, version in CURRENT.items()]
    )
