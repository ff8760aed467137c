"""Passwords: what we take, and how we keep them.

Argon2id with 19 MiB, two passes and one lane, the least that OWASP's password storage cheat sheet
recommends; a hash carries its parameters, so they may be raised later. Length and being unknown are
all we ask: rules of composition make passwords worse (NIST SP 800-63B, 3.1.1.2).
"""

import secrets
from functools import cache
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from sluice.errors import InvalidInput

MIN_CHARS = 8
MAX_CHARS = 256
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def check(password: str, identity: str) -> None:
    """Raises InvalidInput `weak_password` for one that guessers try first: among the 30,000 most
    common, or the person's own address, in whatever letters that we take for the same. Whole
    passwords are compared, not their parts."""
    canonical = _canonical(password)
    lowered = canonical.casefold()
    if len(canonical) < MIN_CHARS:
        raise InvalidInput(
            f"It needs {MIN_CHARS} characters; a letter and its accent count as one.",
            code="weak_password",
            errors=[{"pointer": "/body/password", "message": "Too short."}],
        )
    if lowered in _common() or lowered in {identity, identity.partition("@")[0]}:
        raise InvalidInput(
            "This password is among the first that guessers try; choose another.",
            code="weak_password",
            errors=[{"pointer": "/body/password", "message": "Too common."}],
        )


def hash_(password: str) -> str:
    return _hasher.hash(_canonical(password))


def is_right(password: str, hashed: str | None) -> bool:
    """Takes as long without a hash as with one, so that timing does not tell who is known."""
    stand_in = _stand_in()
    try:
        _hasher.verify(hashed or stand_in, _canonical(password))
    except VerifyMismatchError:
        return False
    return hashed is not None


def _canonical(password: str) -> str:
    """Keyboards differ in how they compose a letter; the password is the same (NFKC)."""
    return normalize("NFKC", password)


@cache
def _stand_in() -> str:
    """The hash of a password that nobody knows."""
    return _hasher.hash(secrets.token_hex(MAX_CHARS // 4))


@cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # 70 ms that only sign-up needs

    return frozenset(FREQUENCY_LISTS["passwords"])
