"""Fields of a form, which are text or files, as the JSON that a card's schema judges."""

import base64
import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import UploadFile
from pydantic import Field, StringConstraints

from sluice.catalog import Card

UPLOAD_PATTERN = r"^upload:[A-Za-z0-9_-]{1,64}$"
_PARSED = {"integer", "number", "boolean"}

Part = Annotated[
    UploadFile | Annotated[str, StringConstraints(pattern=UPLOAD_PATTERN)],
    Field(description="A file, or `upload:{id}` of one too large for a request."),
]


async def encoded(part: UploadFile | str) -> str:
    """The file as base64, or the name of the upload that it is."""
    if isinstance(part, str):
        return part
    return base64.b64encode(await part.read()).decode()


def typed(card: Card, given: Mapping[str, Any]) -> dict[str, Any]:
    """Texts as the numbers that the card's schema wants; what is none stays for it to refuse."""
    properties = card.input_schema["properties"]
    return {name: _typed(properties.get(name, {}), value) for name, value in given.items()}


def _typed(spec: Mapping[str, Any], value: Any) -> Any:
    if spec.get("type") not in _PARSED or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
