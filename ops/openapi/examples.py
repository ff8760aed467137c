"""Examples of requests and answers: written in `examples.yaml`, or else put together from the
examples, constants and defaults that the schemas' fields carry."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

WRITTEN: Final = Path(__file__).with_name("examples.yaml")
MAX_DEPTH: Final = 12
_REFERENCE: Final = "#/components/schemas/"
_BY_NAME: Final[Mapping[str, Any]] = {
    "account": "acc_06bq1c8d4h2m0t9k3v5r7n1p2s",
    "user": "usr_06bq1c8d4h2m0t9k3v5r7n1p2s",
    "job": "job_06bq1c8d4h2m0t9k3v5r7n1p2s",
    "model": "smollm2-135m",
    "task": "chat",
    "nanos": "1000000",
    "usd": "0.001",
    "created": 1795608000,
}
"""Of fields that are called the same everywhere."""

type Schema = Mapping[str, Any]


@cache
def written() -> Mapping[str, Any]:
    """By the operation's name: `request` and `responses` by status, each a map of named examples.
    `like` names an operation with the same."""
    document: dict[str, Any] = yaml.safe_load(WRITTEN.read_text(encoding="utf-8"))
    return document


def of_request(name: str, schema: Schema, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    """The named examples of an operation's request."""
    return _of(name, "request", schema, schemas)


def of_response(
    name: str, status: str, schema: Schema, schemas: Mapping[str, Schema]
) -> dict[str, Any]:
    """The named examples of one answer."""
    return _of(name, status, schema, schemas)


def _of(name: str, which: str, schema: Schema, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    own = written().get(name.replace("openai_v3_", "openai_"), {})
    given = own.get(which)
    if given is not None:
        return {label: {"value": value} for label, value in given.items()}
    named = resolve(schema, schemas).get("examples")
    if named and which == "request":
        labels = ["example", *(f"example {number}" for number in range(2, len(named) + 1))]
        return {label: {"value": value} for label, value in zip(labels, named, strict=True)}
    return {"example": {"value": compose(schema, schemas)}}


def resolve(schema: Schema, schemas: Mapping[str, Schema]) -> Schema:
    """The schema that a reference names."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].removeprefix(_REFERENCE)]
    return schema


def compose(schema: Schema, schemas: Mapping[str, Schema], name: str = "", depth: int = 0) -> Any:
    """A value that fits the schema; `name` is that of the field it is for."""
    schema = resolve(schema, schemas)
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if depth > MAX_DEPTH:
        return None
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return compose(_best(schema[key]), schemas, name, depth + 1)
    return _of_type(schema, schemas, name, depth)


def _best(alternatives: list[Schema]) -> Schema:
    """The first that is something."""
    return next((one for one in alternatives if one.get("type") != "null"), alternatives[0])


def _of_type(schema: Schema, schemas: Mapping[str, Schema], name: str, depth: int) -> Any:
    match schema.get("type"):
        case "object":
            return {
                field: compose(inner, schemas, field, depth + 1)
                for field, inner in schema.get("properties", {}).items()
            }
        case "array":
            return [compose(schema.get("items", {}), schemas, name, depth + 1)]
        case "integer" | "number":
            return _BY_NAME.get(name, schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1))
        case "boolean":
            return False
        case "null":
            return None
        case "string":
            return _text(schema, name)
    return {}


def _text(schema: Schema, name: str) -> str:
    if name.endswith(("_at", "_until")) or name == "at":
        return "2026-11-23T12:00:00.000Z"
    if name.endswith("url") or schema.get("format") == "uri":
        return "https://example.com/"
    return str(_BY_NAME.get(name, name or "text"))
