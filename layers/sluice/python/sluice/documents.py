"""The documents that people must have accepted: in which version, and from when on it binds.

A version is a policy date (ISO 8601), so later versions sort after earlier ones. Credentials carry
what their user has accepted, so that asking costs no read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from sluice import clock
from sluice.settings import load

KEPT_SINCE = "2026-11-01"
"""What a user had accepted whose items do not say it."""


@dataclass(frozen=True, slots=True)
class Document:
    """From `effective_ms` on, whoever has not accepted this version may only read."""

    name: str
    version: str
    effective_ms: int


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """`documents` is JSON: by name, the current version and the day from which it binds."""

    documents: str = "{}"


def current() -> tuple[Document, ...]:
    """The version of each document that is to be accepted now."""
    return _read(load(DocumentSettings).documents)


@cache
def _read(documents: str) -> tuple[Document, ...]:
    return tuple(
        Document(name, version, _midnight_ms(effective))
        for name, (version, effective) in json.loads(documents).items()
    )


def _midnight_ms(day: str) -> int:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return int(at.timestamp()) * clock.MS_PER_S


def due(accepted: Mapping[str, str]) -> list[Document]:
    """Which documents are still to be accepted by whoever has accepted these versions."""
    return [each for each in current() if accepted.get(each.name, KEPT_SINCE) < each.version]


def are_binding(accepted: Mapping[str, str]) -> bool:
    """Whether one of those that are due binds already."""
    now_ms = clock.now_ms()
    return any(document.effective_ms <= now_ms for document in due(accepted))
