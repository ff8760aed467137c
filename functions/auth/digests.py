"""Keyed digests, so that the table holds what can be recognized but not read back.

Each purpose has a key of its own: digests of one text for two purposes tell nothing of each other.
"""

import hashlib
import hmac
from typing import Literal

from functions.auth.settings import settings
from sluice import secret

type Purpose = Literal[
    "login",
    "person",
    "network",
    "browser",
    "verification-code",
    "reset-code",
    "email-code",
    "recovery-code",
    "ticket",
    "invitation",
    "identity",
    "oauth-state",
    "oauth-browser",
    "newcomer",
]


def digest(purpose: Purpose, text: str) -> str:
    """64 hexadecimal digits."""
    key = secret.derive(settings().root_secret_id, purpose)
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()


def matches(purpose: Purpose, text: str, expected: str) -> bool:
    """In time that does not depend on where they differ."""
    return hmac.compare_digest(digest(purpose, text), expected)
