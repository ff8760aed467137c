"""Codes that are mailed to be pasted: 160 bits, which nobody guesses. So no count of attempts is
kept, which others could use up in the owner's place."""

import base64
from typing import Final

from sluice import ids

CODE_BYTES: Final = 20
PATTERN: Final = r"^[a-z2-7]{32}$"
EXAMPLE: Final = "k5mq2v7xw4j3d6tzrb2ynh7fcg5aopls"


def new() -> str:
    """32 lower-case characters of base 32."""
    return base64.b32encode(ids.token(CODE_BYTES)).decode().lower()
