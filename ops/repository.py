"""What must not stand anywhere in the repository, found by reading every tracked text file.

Registry hosts and paths of one machine break a clone elsewhere; an escape from a check without its
reason hides a decision; a large file is one nobody can review.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.paths import ROOT

MAX_FILE_BYTES: Final = 1_000_000
WEIGHTS: Final = re.compile(r"^models/[a-z0-9-]+/weights\.npz$")
"""What Sluice trained itself and no package carries. Nobody can review it; a hash stands beside."""
MAX_WEIGHTS_BYTES: Final = 20_000_000
LISTING_TIMEOUT_S: Final = 60
SHOWN_FINDINGS: Final = 50


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` must not match a line of a file whose path matches `where`."""

    says: str
    pattern: re.Pattern[str]
    where: re.Pattern[str] = re.compile(r"")


# Written with character classes, so that the rules do not find themselves.
RULES: Final = (
    Rule(
        "names a package registry's host",
        re.compile(
            r"py[p]i\.org|python[h]osted\.org|registry\.np[m]js|registry\.ya[r]n|deb[.]debian"
        ),
    ),
    Rule(
        "names a path of one machine",
        re.compile(r"(?<![\w.)}/-])/(root|ho[m]e/\w+|Use[r]s/\w+|wor[k])/"),
    ),
    Rule(
        "carries an address in a lock",
        re.compile(r"https?://|\"resolved\""),
        re.compile(r"^requirements/.*\.lock$|(^|/)package-lock\.json$|images\.lock\.json$"),
    ),
    Rule(
        "silences a check without saying why on the line",
        re.compile(r"#\s*(type:\s*ignore(\[[^\]]*\])?|noqa(:\s*[A-Z0-9, ]+)?)\s*$"),
        re.compile(r"\.py$"),
    ),
    Rule(
        "catches everything without saying why on the line",
        re.compile(r"^\s*except\s+\(?(Base)?Exception\b(?!.*#)"),
        re.compile(r"\.py$"),
    ),
    Rule("holds what looks like an AWS access key", re.compile(r"\bAK[I]A[A-Z0-9]{16}\b")),
    Rule("has a merge marker", re.compile(r"^(<{7}|>{7}) ")),
)


def tracked_files() -> list[Path]:
    """Every file git knows or would add, relative to the root."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=LISTING_TIMEOUT_S,
    )
    return [Path(name) for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def findings_in(path: Path, content: bytes) -> Iterator[str]:
    """What the rules find in one file, as `path:line: what`."""
    most = MAX_WEIGHTS_BYTES if WEIGHTS.match(path.as_posix()) else MAX_FILE_BYTES
    if len(content) > most:
        yield f"{path}: has {len(content)} bytes, over {most}"
    if b"\0" in content:
        return
    rules = [rule for rule in RULES if rule.where.search(path.as_posix())]
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        for rule in rules:
            if rule.pattern.search(line):
                yield f"{path}:{number}: {rule.says}"


def main(_arguments: list[str]) -> int:
    findings = [
        finding
        for path in tracked_files()
        for finding in findings_in(path, (ROOT / path).read_bytes())
    ]
    print("\n".join(findings[:SHOWN_FINDINGS]), end="\n" if findings else "", file=sys.stderr)
    return 1 if findings else 0
