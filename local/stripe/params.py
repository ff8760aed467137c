"""What a request asks for: form fields with brackets, as values of the kinds that Stripe knows.

Names are those of the official client's own types, so that a misspelt parameter is refused as
Stripe refuses it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

import qs_codec
from qs_codec import DecodeOptions

from local.stripe.errors import StripeError, required

MAX_FIELDS = 5_000
MAX_DEPTH = 10
MAX_METADATA = 50
_CLIENT_OPTIONS = frozenset(
    {
        "api_key",
        "stripe_version",
        "stripe_account",
        "stripe_context",
        "max_network_retries",
        "idempotency_key",
        "content_type",
        "headers",
    }
)


class Params:
    """Named values under a common prefix. What is asked for in a wrong form raises StripeError."""

    def __init__(self, values: Mapping[str, Any], prefix: str = "") -> None:
        self._values = values
        self._prefix = prefix

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def names(self) -> Sequence[str]:
        return list(self._values)

    def path(self, name: str) -> str:
        return f"{self._prefix}[{name}]" if self._prefix else name

    def text(self, name: str) -> str | None:
        """None too for an empty string, with which Stripe's clients unset a field."""
        value = self._values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self._invalid(name, "string")
        return value

    def get_text(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise required(self.path(name))
        return value

    def whole(self, name: str) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            return int(value)
        except ValueError:
            raise self._invalid(name, "integer") from None

    def get_whole(self, name: str) -> int:
        value = self.whole(name)
        if value is None:
            raise required(self.path(name))
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.text(name)
        if value not in {None, "true", "false"}:
            raise self._invalid(name, "boolean")
        return default if value is None else value == "true"

    def one_of(self, name: str, allowed: Sequence[str]) -> str | None:
        value = self.text(name)
        if value is not None and value not in allowed:
            raise StripeError(
                f"Invalid {self.path(name)}: must be one of {', '.join(allowed)}",
                param=self.path(name),
            )
        return value

    def nested(self, name: str) -> "Params":
        value = self._values.get(name) or {}
        if not isinstance(value, Mapping):
            raise self._invalid(name, "object")
        return Params(value, self.path(name))

    def each(self, name: str) -> list["Params"]:
        return [
            Params(value, f"{self.path(name)}[{index}]")
            for index, value in enumerate(self._list(name))
            if isinstance(value, Mapping)
        ]

    def texts(self, name: str) -> list[str]:
        return [value for value in self._list(name) if isinstance(value, str)]

    def plain(self, name: str) -> dict[str, Any] | None:
        """A mapping as it came: addresses, shipping, what is only kept."""
        value = self._values.get(name)
        return dict(value) if isinstance(value, Mapping) else None

    def metadata(self, old: Mapping[str, str] | None = None) -> dict[str, str]:
        """`old` with what is given, without what is given empty."""
        merged = dict(old or {})
        given = self._values.get("metadata")
        if given == "":
            return {}
        for key, value in (given or {}).items():
            if value == "":
                merged.pop(key, None)
            else:
                merged[key] = value
        if len(merged) > MAX_METADATA:
            raise StripeError(f"Metadata can have up to {MAX_METADATA} keys.", param="metadata")
        return merged

    def _list(self, name: str) -> list[Any]:
        value = self._values.get(name) or []
        return list(value.values()) if isinstance(value, Mapping) else list(value)

    def _invalid(self, name: str, kind: str) -> StripeError:
        return StripeError(
            f"Invalid {kind}: {str(self._values[name])[:100]}", param=self.path(name)
        )


def decode(encoded: str, declared: str | None) -> Params:
    """The fields of a body or a query string. `declared` names the client's type of what may be
    given; without it anything may."""
    options = DecodeOptions(
        parameter_limit=MAX_FIELDS, depth=MAX_DEPTH, list_limit=1_000, raise_on_limit_exceeded=True
    )
    try:
        values = qs_codec.decode(encoded, options)
    except (IndexError, ValueError) as error:
        raise StripeError(f"Invalid request: {error}") from None
    if declared:
        _check_known(values, declared)
    return Params(values)


def _check_known(values: Mapping[str, Any], declared: str) -> None:
    for name in values:
        if name not in _names(declared):
            raise StripeError(
                f"Received unknown parameter: {name}", code="parameter_unknown", param=name
            )


@cache
def _names(declared: str) -> frozenset[str]:
    """`declared` may stand in a folder of the client's types, as `checkout.SessionCreateParams`."""
    *folder, name = declared.split(".")
    module = import_module(".".join(["stripe.params", *folder]))
    return frozenset(getattr(module, name).__annotations__) - _CLIENT_OPTIONS | {"expand"}
