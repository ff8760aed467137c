"""The emulator keeps how far each function has read a table's stream, but not the stream itself:
after a restart a function would wait for as many new records as it had ever read, and miss them.
"""

import re
from typing import Final

from local.home import Home

POSITIONS: Final = re.compile(rb'("dynamodb_stream_positions": *\{[^{}]*\{)[^{}]*')
"""By pattern, because the file holds every layer too: 150 MB that need not be parsed."""


def rewind(home: Home) -> None:
    """Before the emulator starts: streams begin anew, so they are read from their beginning."""
    kept = home.emulator / "state" / "lambda.json"
    if kept.is_file():
        kept.write_bytes(POSITIONS.sub(rb"\1", kept.read_bytes()))
