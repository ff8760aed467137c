"""One document from those of the services: paths, schemas, and what the framework cannot know."""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any, Final

from ops.openapi import about, examples, families, headers, refusals
from ops.openapi.sharing import REFUSAL

type Document = dict[str, Any]

# FastAPI describes its own refusals; Sluice renders every one in its family's shape instead.
FRAMEWORK_SCHEMAS: Final = frozenset({"HTTPValidationError", "ValidationError"})
"""From this status on answers are described here: the framework knows its own, and routes say
`default` of any."""
_REFERENCE: Final = "#/components/"


class ClashError(ValueError):
    """Two services describe different things by one name, or one is not described at all."""


def merge(documents: Iterable[Document], models: Iterable[Document]) -> Document:
    """One document of all paths and schemas. Raises ClashError."""
    merged = _empty()
    for document in map(deepcopy, documents):  # applications keep theirs
        _add(merged["paths"], document["paths"], "path")
        components = document.get("components", {})
        for kind in ("schemas", "securitySchemes"):
            _add(merged["components"][kind], components.get(kind, {}), kind)
    for model in models:
        own = {f"{model['id']}.{side}": model[side] for side in ("input", "output")}
        _add(merged["components"]["schemas"], own, "schemas")
    for name in FRAMEWORK_SCHEMAS:
        merged["components"]["schemas"].pop(name, None)
    about.describe_schemes(merged["components"]["securitySchemes"])
    _describe(merged)
    return merged


def _empty() -> Document:
    return {
        "openapi": "3.1.0",
        "info": dict(about.INFO),
        "servers": list(about.SERVERS),
        "tags": [{"name": name, "description": text} for name, text in about.TAGS.items()],
        "paths": {},
        "components": {
            "schemas": dict(families.SCHEMAS),
            "securitySchemes": {},
            "headers": dict(headers.HEADERS),
            "examples": {},
        },
    }


def _add(into: Document, more: Document, kind: str) -> None:
    for name, value in more.items():
        if name in into and into[name] != value:
            raise ClashError(f"two services describe the {kind} {name!r} differently: rename one")
        into[name] = value


def _describe(merged: Document) -> None:
    components, named = merged["components"], set[str]()
    for path, method, operation in _operations(merged):
        _name(path, method, operation)
        if operation["operationId"] in named:
            raise ClashError(f"two routes are called {operation['operationId']!r}: rename one")
        named.add(operation["operationId"])
        operation["security"] = about.security(operation.get("security", []))
        operation["responses"] = {
            status: answer for status, answer in operation["responses"].items() if status < REFUSAL
        }
        _give_examples(operation, components["schemas"])
        _give_headers(path, method, operation)
        try:
            _give_refusals(path, method, operation, components["examples"])
        except KeyError as code:
            raise ClashError(f"docs/errors.md does not explain {code}, of {path}") from None
        operation["responses"] = dict(sorted(operation["responses"].items()))


def _operations(merged: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in merged["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _name(path: str, method: str, operation: Document) -> None:
    """Names it `<family>_<function>`, which generated clients show; FastAPI appends the path."""
    added = f"{re.sub(r'[^a-zA-Z0-9]', '_', path)}_{method}"
    function = operation["operationId"].removesuffix(added)
    operation["operationId"] = f"{families.prefix_of(path)}_{function}"
    operation["summary"] = function.replace("_", " ").capitalize()
    tags = operation.get("tags", [])[:1]
    if not set(tags) & set(about.TAGS):
        raise ClashError(f"nothing says what the tag {tags} means, of {path}")
    operation["tags"] = tags
    if "description" in operation:
        operation["description"] = " ".join(operation["description"].split())


def _give_examples(operation: Document, schemas: Document) -> None:
    name = operation["operationId"]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["examples"] = examples.of_request(name, content["schema"], schemas)
    for status, response in operation["responses"].items():
        for media, content in response.get("content", {}).items():
            if media == "application/json" and "schema" in content:
                content["examples"] = examples.of_response(name, status, content["schema"], schemas)


def _give_headers(path: str, method: str, operation: Document) -> None:
    for status, response in operation["responses"].items():
        names = headers.names(path, method, operation, int(status))
        response["headers"] = {
            name: {"$ref": f"{_REFERENCE}headers/{name}"} for name in names
        } | response.get("headers", {})


def _give_refusals(path: str, method: str, operation: Document, shared: Document) -> None:
    family = families.of(path)
    for error in refusals.errors(path, method, operation):
        status, name, body = refusals.rendered(family, error)
        shared[name] = {"summary": error.title, "value": body}
        response = operation["responses"].setdefault(
            str(status), _refusal(path, method, operation, status)
        )
        response["content"][family.media]["examples"][name.partition(".")[2]] = {
            "$ref": f"{_REFERENCE}examples/{name}"
        }


def _refusal(path: str, method: str, operation: Document, status: int) -> Document:
    family = families.of(path)
    schema = {"$ref": f"{_REFERENCE}schemas/{family.schema}"}
    names = headers.names(path, method, operation, status)
    return {
        "description": refusals.phrase(status),
        "headers": {name: {"$ref": f"{_REFERENCE}headers/{name}"} for name in names},
        "content": {family.media: {"schema": schema, "examples": {}}},
    }
