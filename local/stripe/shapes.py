"""The fields that Stripe's objects have, by the official client's types: so that what the double
answers has no field too few, and a test can say that it has none too many."""

from collections.abc import Mapping
from functools import cache
from types import NoneType
from typing import Any, Union, get_args, get_origin

import stripe
from stripe._object_classes import get_object_class

_NOT_TOLD = frozenset({"OBJECT_NAME", "deleted"})
"""Of the second, what is deleted alone has it."""


def complete(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` with None for whatever else the type may have."""
    return dict.fromkeys(_nullable(kind)) | dict(fields)


@cache
def _nullable(kind: str) -> tuple[str, ...]:
    return tuple(name for name, type_ in annotations(kind).items() if is_nullable(type_))


@cache
def annotations(kind: str) -> Mapping[str, Any]:
    """By name, the types of an object's fields; none for what the client does not know."""
    known = get_object_class("V1", kind)
    if known is stripe.StripeObject:
        return {}
    own = known.__annotations__
    return {name: own[name] for name in own if not name.startswith("_") and name not in _NOT_TOLD}


def is_nullable(type_: Any) -> bool:
    return get_origin(type_) is Union and NoneType in get_args(type_)
