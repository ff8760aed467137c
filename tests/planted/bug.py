"""What a planted bug is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bug:
    """`old` stands once in `path`; with `new` in its place `test` must fail."""

    name: str
    path: str
    old: str
    new: str
    test: str
