"""Generated files are committed, and are what their sources say."""

import difflib
import sys
from pathlib import Path
from typing import Final

SHOWN_LINES: Final = 20


def write_or_compare(file: Path, text: str, *, compare: bool, command: str) -> int:
    """Writes `text`; with `compare` only answers 1 and shows where the file says something else."""
    if not compare:
        file.write_text(text, encoding="utf-8")
        return 0
    written = file.read_text(encoding="utf-8") if file.is_file() else ""
    if written == text:
        return 0
    lines = list(difflib.unified_diff(written.splitlines(), text.splitlines(), lineterm=""))
    print(
        f"{file.name} is not what its sources say; run `{command}` and commit it", file=sys.stderr
    )
    print("\n".join(lines[:SHOWN_LINES]), file=sys.stderr)
    return 1
