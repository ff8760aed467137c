"""What a task does to a job: turns a caller's input into what its model's container reads, and
the container's answer into a result, a usage and what must be screened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from functions.inference.jobs.job import ResultFile
from sluice.catalog import Card


class MalformedOutput(Exception):
    """The container answered something that its task does not allow."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """`payload` is the container's request body (JSON); `units` bound what it can consume; `facts`
    are what `interpret` must know of the input, since an answer does not tell it."""

    payload: bytes
    units: Mapping[str, int]
    facts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProducedFile:
    """A file that the container made. Without `content` it is the raw output itself."""

    file: ResultFile
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Produced:
    """`usage` counts what was consumed, in the card's units but for the flat `request`. A result is
    JSON, or files."""

    usage: Mapping[str, int]
    result: Mapping[str, Any] = field(default_factory=dict)
    text: str | None = None
    files: tuple[ProducedFile, ...] = ()


class Task(Protocol):
    """One task, such as chat."""

    def prepare(self, card: Card, given: Mapping[str, Any], account: str) -> Prepared:
        """Raises InvalidInput when the input's contents (not its shape) do not fit."""

    def within(self, card: Card, given: Mapping[str, Any], nanos: int) -> Mapping[str, Any] | None:
        """The input with an omitted bound clamped so that it costs at most `nanos`, or None when
        the task has no such bound, the caller set it, or nothing is affordable."""

    def to_screen(self, payload: bytes) -> Sequence[str | bytes]:
        """The texts, and the pictures' bytes, in what the container will get: so that what is
        screened is what is sent, at the first attempt and at any later one."""

    def interpret(self, card: Card, output: bytes, facts: Mapping[str, int]) -> Produced:
        """`facts` are the input's, as `prepare` told them. Raises MalformedOutput."""
