"""Fields that are null count as left out at the compatible doors, and their descriptions say so."""

from typing import Any

_NULL = {"type": "null"}
_ABOUT = {"title", "description", "default", "examples"}
"""What a description says of a field beside what fits it."""


def told(schema: dict[str, Any]) -> dict[str, Any]:
    """An object's JSON Schema in which every field that may be left out may be null too."""
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        if name not in required and not _takes_null(field):
            schema["properties"][name] = _nullable(field)
    return schema


def _takes_null(field: dict[str, Any]) -> bool:
    """Also of a field that takes anything."""
    return _NULL in field.get("anyOf", ()) or not {"type", "$ref", "enum", "const", "anyOf"} & set(
        field
    )


def _nullable(field: dict[str, Any]) -> dict[str, Any]:
    about = {key: value for key, value in field.items() if key in _ABOUT}
    what = {key: value for key, value in field.items() if key not in _ABOUT}
    alternatives = what.pop("anyOf") if set(what) == {"anyOf"} else [what]
    return {"anyOf": [*alternatives, _NULL], **about}
