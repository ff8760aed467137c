"""Every static check, two at a time: a line for each, and the words of those that failed.

make check
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from ops.node import NPM
from ops.paths import PYTHON, ROOT, STATE

CHECK_TIMEOUT_S: Final = 600
AT_ONCE: Final = 2
SHOWN_LINES: Final = 60
LOGS: Final = STATE / "logs"


@dataclass(frozen=True, slots=True)
class Check:
    """What one that `tells` said is shown although it passed."""

    name: str
    command: Sequence[str]
    tells: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    check: Check
    passed: bool
    took_s: float
    output: str


def checks(sources: Sequence[str]) -> list[Check]:
    """What is checked; the slow ones first, so that the others run beside them."""
    python = str(PYTHON)
    tools = PYTHON.parent
    return [
        Check("types", [str(tools / "mypy"), *sources]),
        Check("web", [*NPM, "run", "--silent", "--prefix", "web", "build"], tells=True),
        Check("web lint", [*NPM, "run", "--silent", "--prefix", "web", "lint"]),
        Check("format", [str(tools / "ruff"), "format", "--check", *sources]),
        Check("lint", [str(tools / "ruff"), "check", "--output-format", "concise", *sources]),
        Check("imports", [str(tools / "lint-imports"), "--cache-dir", ".sluice/cache/imports"]),
        Check("catalog", [python, "-m", "ops", "catalog", "--check"]),
        Check("openapi", [python, "-m", "ops", "openapi", "--check"]),
        Check("permissions", [python, "-m", "ops", "permissions", "--check"]),
        Check("repository", [python, "-m", "ops", "repository"]),
    ]


def run(check: Check) -> Outcome:
    started_s = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=CHECK_TIMEOUT_S,
    )
    return Outcome(check, done.returncode == 0, time.monotonic() - started_s, done.stdout.strip())


def excerpt(outcome: Outcome) -> str:
    """The first lines of what a check said, and the file that keeps all of it."""
    log = LOGS / f"check-{outcome.check.name.replace(' ', '-')}.txt"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(outcome.output, encoding="utf-8")
    # mypy lists every overload of boto3.client that did not fit, 400 of them.
    lines = [line for line in outcome.output.splitlines() if ": note:     def " not in line]
    shown = lines[:SHOWN_LINES]
    return "\n".join([*shown, f"all of it: {log.relative_to(ROOT)}"])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="sluicectl check", description=__doc__)
    parser.add_argument("sources", nargs="+", help="files and folders to check")
    sources = parser.parse_args(arguments).sources
    failed = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for outcome in pool.map(run, checks(sources)):
            word = "ok" if outcome.passed else "FAILED"
            print(f"{outcome.check.name:12} {word:7} {outcome.took_s:5.1f} s", flush=True)
            if outcome.passed and outcome.check.tells:
                print(outcome.output[outcome.output.find("first load") :], flush=True)
            if not outcome.passed:
                print(excerpt(outcome), flush=True)
                failed.append(outcome.check.name)
    print(f"failed: {', '.join(failed)}" if failed else "every check passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
