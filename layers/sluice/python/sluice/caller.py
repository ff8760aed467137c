"""Where a request came from, for those that must not load the web framework."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """The client's `address`, the `request`'s id, and what the client calls itself (`agent`, at
    most 200 characters of anything)."""

    address: str
    request: str
    agent: str = ""
