"""The web as CloudFront and S3 would serve it: hashed assets for ever, one page for all else."""

from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from local.home import ROOT
from stacks.web_headers import IMMUTABLE, REVALIDATED, SECURITY_HEADERS, content_security_policy

DIST: Final = ROOT / "web" / "dist"
ASSETS: Final = "/assets/"
READ: Final = ("GET", "HEAD")


def serves(request: Request) -> bool:
    """A file of the web, or one of its pages: a browser asks for those as HTML."""
    path, accepted = request.scope["path"], request.headers.get("accept", "")
    if request.method not in READ or path.startswith("/_local/"):
        return False
    return _file(path) is not None or "text/html" in accepted


def answer(path: str) -> Response:
    """The file, or the page whose router knows every other path."""
    found = _file(path) or DIST / "index.html"
    if not found.is_file():
        return PlainTextResponse("The web is not built: make platform", HTTPStatus.NOT_FOUND)
    kept = IMMUTABLE if path.startswith(ASSETS) and found.name != "index.html" else REVALIDATED
    headers = {
        **SECURITY_HEADERS,
        "cache-control": kept,
        "content-security-policy": content_security_policy(),
    }
    return FileResponse(found, headers=headers)


def _file(path: str) -> Path | None:
    """A file within the built web; None for a way out of it."""
    if "\0" in path:
        return None
    found = (DIST / path.lstrip("/")).resolve()
    return found if found.is_relative_to(DIST) and found.is_file() else None
