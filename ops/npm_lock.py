"""Takes out of a package-lock.json where its packages ask for money: those are addresses, and a
lock of ours names versions and hashes alone.

    python -m ops.npm_lock tests/e2e/novita/package-lock.json
"""

import json
import sys
from pathlib import Path


def strip(lock: Path) -> None:
    document = json.loads(lock.read_text(encoding="utf-8"))
    for package in document["packages"].values():
        package.pop("funding", None)
    lock.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        strip(Path(name))
