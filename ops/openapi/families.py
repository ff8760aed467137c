"""The three families of the API by their paths, and the shapes in which they refuse."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from functions.inference.novita.errors import render as render_novita
from functions.inference.openai.errors import render as render_openai
from sluice.http import Renderer, problem

REQUEST_ID: Final = "req_06bq1c8d4h2m0t9k3v5r7n1p2s"

OPENAI_ERROR: Final = {
    "type": "object",
    "title": "OpenAIError",
    "description": "An error in the shape that OpenAI's clients read.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code", "request_id"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string", "examples": ["invalid_request_error"]},
                "param": {"type": ["string", "null"], "description": "The field at fault."},
                "code": {"type": ["string", "null"], "description": "For programs."},
                "request_id": {"type": "string", "description": "To quote to support."},
            },
        }
    },
}

NOVITA_ERROR: Final = {
    "type": "object",
    "title": "NovitaError",
    "description": "An error in the shape that Novita's clients read; `code` is the status.",
    "required": ["code", "reason", "message", "metadata"],
    "properties": {
        "code": {"type": "integer"},
        "reason": {"type": "string", "examples": ["INVALID_REQUEST_BODY"]},
        "message": {"type": "string"},
        "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}

SCHEMAS: Final[Mapping[str, Any]] = {"OpenAIError": OPENAI_ERROR, "NovitaError": NOVITA_ERROR}


@dataclass(frozen=True, slots=True)
class Family:
    """`prefix` begins the names of its operations and of its examples; `schema` is the component
    that describes its errors, which `render` makes."""

    prefix: str
    paths: re.Pattern[str]
    schema: str
    media: str
    render: Renderer


PROBLEM_MEDIA: Final = "application/problem+json"
OWN: Final = Family("sluice", re.compile("^/v1/"), "Problem", PROBLEM_MEDIA, problem)
OPENAI: Final = Family(
    "openai", re.compile("^/(v3/)?openai/"), "OpenAIError", "application/json", render_openai
)
NOVITA: Final = Family(
    "novita", re.compile("^/(v3|openapi)/"), "NovitaError", "application/json", render_novita
)
FAMILIES: Final = (OWN, OPENAI, NOVITA)


def of(path: str) -> Family:
    """The first that knows the path, as `/v3/openai` is OpenAI's and not Novita's."""
    return next(family for family in FAMILIES if family.paths.match(path))


def prefix_of(path: str) -> str:
    """How the names of a path's operations begin: the service for our own, else the family, told
    apart where a family stands under two prefixes."""
    if of(path) is OWN:
        return path.split("/")[2]
    return "openai_v3" if path.startswith("/v3/openai/") else of(path).prefix
