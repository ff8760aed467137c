"""One root secret per stage; every other secret is derived from it by purpose."""

import hashlib
import hmac
from functools import cache, lru_cache

from sluice import aws

KNOWN_PURPOSES = 256
"""Most requests need the same one, to look their credential up."""


@lru_cache(KNOWN_PURPOSES)
def derive(root_secret_id: str, purpose: str) -> bytes:
    """32 bytes for `purpose` (such as `api-key`): HMAC-SHA-256 of the stage's root secret."""
    return hmac.digest(read(root_secret_id).encode(), purpose.encode(), hashlib.sha256)


@cache
def read(secret_id: str) -> str:
    """A secret's text, read once per process, since requests must not each pay for it."""
    answer = aws.client("secretsmanager").get_secret_value(SecretId=secret_id)
    return str(answer["SecretString"])
