"""The only source of identifiers and randomness, so that tests and simulations own them.

An id is a prefix and 26 lower-case characters of base 32 (extended hex): 48 bits of time and 80
random bits, so ids of one kind sort by age. A derived id has 128 bits of SHA-256 instead: the
same parts always give the same id. At most 32 characters, as SageMaker's `Filename` allows.
"""

import base64
import hashlib
import secrets

from sluice import clock

_TIME_BYTES = 6
_RANDOM_BYTES = 10
_ID_BYTES = _TIME_BYTES + _RANDOM_BYTES
_TIME_CHARS = 9
"""Characters of an id that hold bits of time alone: 45 of its 48."""
_PADDING = "======"


class Random:
    """Cryptographic randomness. A simulation replaces `current` with a seeded subclass."""

    def token(self, size_bytes: int) -> bytes:
        return secrets.token_bytes(size_bytes)


current: Random = Random()


def token(size_bytes: int) -> bytes:
    return current.token(size_bytes)


def new(prefix: str) -> str:
    """A fresh id such as `job_0e3s…`, later ids sorting after earlier ones."""
    at = clock.now_ms().to_bytes(_TIME_BYTES, "big")
    return f"{prefix}_{_encode(at + token(_RANDOM_BYTES))}"


def derive(prefix: str, *parts: str) -> str:
    """The id that these parts always have; parts carry their length, so none run together."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(4, "big"))
        digest.update(encoded)
    return f"{prefix}_{_encode(digest.digest()[:_ID_BYTES])}"


def derive_at(prefix: str, at_ms: int, *parts: str) -> str:
    """As `derive`, but it sorts by `at_ms` among the ids that `new` makes."""
    parted = base64.b32hexdecode(derive("", *parts)[1:].upper() + _PADDING)
    return f"{prefix}_{_encode(at_ms.to_bytes(_TIME_BYTES, 'big') + parted[:_RANDOM_BYTES])}"


def beginning_at(prefix: str, at_ms: int) -> str:
    """What all ids of a moment begin with (and those of at most seven milliseconds around it)."""
    return f"{prefix}_{_encode(at_ms.to_bytes(_TIME_BYTES, 'big'))[:_TIME_CHARS]}"


def _encode(raw: bytes) -> str:
    return base64.b32hexencode(raw).decode().rstrip("=").lower()
