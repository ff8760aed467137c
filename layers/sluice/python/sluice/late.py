"""Routes that are imported when one of their paths is first asked for.

A cold start pays for whatever it imports, and few processes serve every family of the API. What
most requests do without therefore waits; the API document has it all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.types import Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Late:
    """Routes under `prefixes`; `routers` imports them."""

    prefixes: tuple[str, ...]
    routers: Callable[[], Sequence[APIRouter]]


class App(FastAPI):
    """An application, some of whose routes come late."""

    def __init__(self, title: str, late: Sequence[Late] = ()) -> None:
        super().__init__(title=title, openapi_url=None, docs_url=None, redoc_url=None)
        self._late = list(late)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._include([late for late in self._late if scope["path"].startswith(late.prefixes)])
        await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The document of all routes, in the order in which they are named."""
        self._include(list(self._late))
        return super().openapi()

    def _include(self, wanted: Sequence[Late]) -> None:
        """Without awaiting anything, so that no other request meets a part of them."""
        for late in wanted:
            for router in late.routers():
                self.include_router(router)
            self._late.remove(late)
