"""A service's environment as one frozen value. The only place that reads `os.environ`."""

import os
from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, cast

_PARSERS: dict[Any, Callable[[str], Any]] = {str: str, int: int}


def load[T](settings: type[T]) -> T:
    """Read `settings`' fields from variables of the same name in capitals.

    Fields are `str` or `int`. All missing or malformed variables are named in one error, so
    that a broken deployment is understood from its first log line.
    """
    made: T = _load(cast(Any, settings))  # a cache of its own: `cache` forgets what T was
    return made


@cache
def _load(settings: type[Any]) -> Any:
    values: dict[str, Any] = {}
    faults: list[str] = []
    for field in fields(settings):
        raw = os.environ.get(field.name.upper())
        if raw is None:
            if field.default is MISSING:
                faults.append(f"{field.name.upper()} is not set")
            continue
        try:
            values[field.name] = _PARSERS[field.type](raw)
        except ValueError:
            faults.append(f"{field.name.upper()} is not a {field.type}")
    if faults:
        raise RuntimeError(f"{settings.__name__}: {'; '.join(faults)}")
    return settings(**values)
