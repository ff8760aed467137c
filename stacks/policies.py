"""The versions of the documents that people accept, from the documents themselves."""

import re
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent.parent / "docs" / "policies"
FILES: Final = {"terms": "terms-of-service.md", "privacy": "privacy-policy.md"}
_DAY: Final = r"(\d{4}-\d{2}-\d{2})\s*$"
_VERSION: Final = re.compile(f"^Policy date: {_DAY}", re.MULTILINE)
_EFFECTIVE: Final = re.compile(f"^In force from: {_DAY}", re.MULTILINE)


def versions() -> dict[str, tuple[str, str]]:
    """By document, its policy date and the day from which it binds those who accepted an earlier
    version: the policy date too, unless the document says another. Raises ValueError."""
    return {name: _dates(FOLDER / file) for name, file in FILES.items()}


def _dates(path: Path) -> tuple[str, str]:
    text = path.read_text(encoding="utf-8")
    version, effective = _VERSION.search(text), _EFFECTIVE.search(text)
    if version is None:
        raise ValueError(f"{path.name} has no line `Policy date: YYYY-MM-DD`")
    return version[1], effective[1] if effective else version[1]
