"""Validates an input against its card's JSON Schema, and fills in the schema's defaults."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from sluice.catalog import Card, get_card
from sluice.errors import InvalidInput

MAX_REPORTED_ERRORS = 10
MAX_POINTER_CHARS = MAX_MESSAGE_CHARS = 200
MAX_SHOWN_CHARS = 40
"""Of the beginning of a value that makes a message too long."""


@cache
def _validator(model: str) -> Draft202012Validator:
    return Draft202012Validator(dict(get_card(model).input_schema))


def validate(card: Card, given: Mapping[str, Any]) -> None:
    """Raises InvalidInput naming each field at fault by its JSON pointer."""
    faults = []
    for error in _validator(card.id).iter_errors(given):
        path = "/".join(["/input", *map(str, error.instance_path)])[:MAX_POINTER_CHARS]
        faults.append({"pointer": path, "message": _shortened(error.message)})
        if len(faults) == MAX_REPORTED_ERRORS:
            break
    if faults:
        raise InvalidInput(
            f"The input does not fit {card.id}; `errors` names the fields, and "
            f"GET /v1/inference/models/{card.id} gives the schema.",
            errors=faults,
        )


def _shortened(message: str) -> str:
    """What is wrong stands behind the value that was sent, however long that is."""
    if len(message) <= MAX_MESSAGE_CHARS:
        return message
    return f"{message[:MAX_SHOWN_CHARS]}…{message[MAX_SHOWN_CHARS + 1 - MAX_MESSAGE_CHARS :]}"


def with_defaults(card: Card, given: Mapping[str, Any]) -> dict[str, Any]:
    """The input as the model's container will get it, and as its units are counted."""
    properties: Mapping[str, Any] = card.input_schema["properties"]
    defaults = {name: spec["default"] for name, spec in properties.items() if "default" in spec}
    return defaults | {
        name: _plain(properties.get(name, {}), value) for name, value in given.items()
    }


def _plain(spec: Mapping[str, Any], value: Any) -> Any:
    """JSON Schema takes 5.0 for an integer; a container may not."""
    return int(value) if spec.get("type") == "integer" else value
