"""Recovery codes: ten, each good once, for whoever lost their other factors."""

from functions.auth.digests import digest
from sluice import ids

CODES = 10
GROUPS, GROUP_CHARS = 4, 5
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's 32: nothing that is mistaken for something else."""
_TYPED = str.maketrans("ilo", "110", " -")


def new_codes() -> list[str]:
    """100 random bits each, grouped to be typed."""
    return ["-".join(_group() for _ in range(GROUPS)) for _ in range(CODES)]


def _group() -> str:
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in ids.token(GROUP_CHARS))


def digest_of(user: str, code: str) -> str:
    """Of a code as people type it."""
    return digest("recovery-code", f"{user}:{code.lower().translate(_TYPED)}")
