"""Where the local platform keeps everything: one ignored folder."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
SLUICE: Final = ROOT / ".sluice"


@dataclass(frozen=True, slots=True)
class Home:
    """`.sluice/platform`, or another folder where a second platform lives."""

    folder: Path

    def __post_init__(self) -> None:
        # Its paths go to processes that have working directories of their own.
        object.__setattr__(self, "folder", self.folder.resolve())

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def emulator(self) -> Path:
        return self.folder / "emulator"

    @property
    def scratch(self) -> Path:
        """Where the emulator unpacks each function process's code."""
        return self.emulator / "tmp"

    @property
    def tls(self) -> Path:
        return self.folder / "tls"

    @property
    def pictures(self) -> Path:
        return self.folder / "pictures"

    @property
    def templates(self) -> Path:
        return self.folder / "cdk.out"

    @property
    def running(self) -> Path:
        """What runs, while it runs: the supervisor's pid and the base port."""
        return self.folder / "running.json"

    @property
    def died(self) -> Path:
        """Which part died and took the others along, and how."""
        return self.folder / "died.json"

    @property
    def deployed(self) -> Path:
        """What was deployed last: the fingerprint of its sources, and the API's id."""
        return self.folder / "deployed.json"

    @property
    def accounts(self) -> Path:
        """The seeded people's passwords and key; readable by their owner alone."""
        return self.folder / "accounts.json"

    @property
    def client_secrets(self) -> Path:
        """What the product proves itself with to the local providers."""
        return self.folder / "client_secrets.json"

    @property
    def timings(self) -> Path:
        """How long the last start took, step by step."""
        return self.folder / "timings.json"


def read_json(path: Path) -> dict[str, Any]:
    """The file's object, or an empty one when there is none."""
    if not path.is_file():
        return {}
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Whole or not at all, and for its owner's eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        json.dump(value, file, indent=1)
    draft.replace(path)
