"""Merges the four services' applications into `openapi.json`, the one description of the API.

    python -m ops openapi            write it
    python -m ops openapi --check    say whether it is what the routes say

The models' own schemas stand in it too, as `<model id>.input` and `<model id>.output`: a job's
`input` is one of them, chosen by its `model`.
"""

import argparse
import importlib
import json
import re
import sys
from collections.abc import Iterable
from typing import Any, Final

from ops.drift import write_or_compare
from ops.paths import MODELS, ROOT

SERVICES: Final = ("auth", "billing", "content", "inference")
OPENAPI: Final = ROOT / "openapi.json"
OPENAI: Final = re.compile(r"^(/v3)?/openai/")
NOVITA: Final = re.compile(r"^/(v3|openapi)/")
# FastAPI describes its own refusals; Sluice renders every one as problem details instead.
FRAMEWORK_SCHEMAS: Final = frozenset({"HTTPValidationError", "ValidationError"})

OPENAI_ERROR: Final = {
    "type": "object",
    "title": "OpenAIError",
    "description": "An error in the shape that OpenAI's clients read.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
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

type Document = dict[str, Any]


class ClashError(ValueError):
    """Two services describe different things by one name."""


def merge(documents: Iterable[Document], models: Iterable[Document]) -> Document:
    """One document of all paths and schemas. Raises ClashError."""
    merged: Document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Sluice",
            "version": "1",
            "description": "Inference, accounts and credit of one Sluice deployment.",
        },
        "paths": {},
        "components": {
            "schemas": {"OpenAIError": OPENAI_ERROR, "NovitaError": NOVITA_ERROR},
            "securitySchemes": {},
        },
    }
    for document in documents:
        _add(merged["paths"], document["paths"], "path")
        components = document.get("components", {})
        for kind in ("schemas", "securitySchemes"):
            _add(merged["components"][kind], components.get(kind, {}), kind)
    for model in models:
        own = {f"{model['id']}.{side}": model[side] for side in ("input", "output")}
        _add(merged["components"]["schemas"], own, "schemas")
    for name in FRAMEWORK_SCHEMAS:
        merged["components"]["schemas"].pop(name, None)
    named: set[str] = set()
    for path, operations in merged["paths"].items():
        for method, operation in operations.items():
            _describe_refusals(path, operation)
            name = _name_operation(path, method, operation)
            if name in named:
                raise ClashError(f"two routes are called {name!r}: rename one function")
            named.add(name)
    return merged


def _add(into: Document, more: Document, kind: str) -> None:
    for name, value in more.items():
        if name in into and into[name] != value:
            raise ClashError(f"two services describe the {kind} {name!r} differently: rename one")
        into[name] = value


def _describe_refusals(path: str, operation: Document) -> None:
    schema = {"openai": "OpenAIError", "novita": "NovitaError"}.get(_family(path), "Problem")
    media = "application/problem+json" if schema == "Problem" else "application/json"
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {
        "description": "A refusal or a failure",
        "content": {media: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _name_operation(path: str, method: str, operation: Document) -> str:
    """Names it `<family>_<function>`, which generated clients show; FastAPI appends the path."""
    family = _family(path)
    added = f"{re.sub(r'[^a-zA-Z0-9]', '_', path)}_{method}"
    name = f"{family}_{operation['operationId'].removesuffix(added)}"
    operation |= {"operationId": name, "tags": [family]}
    return name


def _family(path: str) -> str:
    if OPENAI.match(path):
        return "openai"
    return "novita" if NOVITA.match(path) else path.split("/")[2]


def describe() -> str:
    """The document's text, from the applications and the catalogue as they are now."""
    apps = [importlib.import_module(f"functions.{service}.api").app for service in SERVICES]
    models = json.loads((MODELS / "catalog.json").read_text(encoding="utf-8"))["models"]
    document = merge([app.openapi() for app in apps], models)
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="sluicectl openapi", description=__doc__)
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        text = describe()
    except ClashError as error:
        print(error, file=sys.stderr)
        return 1
    return write_or_compare(OPENAPI, text, compare=chosen.check, command="make openapi")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
