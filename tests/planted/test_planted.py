"""The tests can fail: each bug is planted in a copy of the tree, and its test must turn red."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator import ROOT
from tests.planted.bug import Bug
from tests.planted.bugs import BUGS

pytestmark = pytest.mark.prove
PYTEST = (sys.executable, "-m", "pytest", "-q", "--tb=short", "-x", "-o", "cache_dir=cache")
COPIED = (
    *("functions", "layers/sluice", "models/catalog.json", "ops", "stacks", "docs", "tests"),
    "pyproject.toml",
)
TEST_TIMEOUT_S = 240
ALL_TIMEOUT_S = 900
TESTS_FAILED = 1
"""pytest's exit status when a test failed; a tree that cannot be collected gives another."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The tree as it is, to be broken."""
    folder = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (folder / ".sluice").symlink_to(ROOT / ".sluice")
    yield folder
    shutil.rmtree(folder)


def run(folder: Path, *tests: str, limit_s: int = TEST_TIMEOUT_S) -> tuple[int, str]:
    finished = subprocess.run(
        [*PYTEST, *tests],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{folder}:{folder / 'layers/sluice/python'}"},
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    return finished.returncode, finished.stdout[-4_000:]


@pytest.mark.timeout(ALL_TIMEOUT_S + 30)
def test_the_tests_that_must_see_the_bugs_pass_without_them(copy: Path) -> None:
    quick = sorted({bug.test for bug in BUGS if "test_crashes" not in bug.test})

    status, said = run(copy, *quick, limit_s=ALL_TIMEOUT_S)

    assert status == 0, said


@pytest.mark.timeout(TEST_TIMEOUT_S + 30)
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_seen(bug: Bug, copy: Path) -> None:
    broken = copy / bug.path
    whole = broken.read_text(encoding="utf-8")
    assert whole.count(bug.old) == 1, f"{bug.path} has changed: plant this bug anew"

    broken.write_text(whole.replace(bug.old, bug.new), encoding="utf-8")
    try:
        status, said = run(copy, bug.test)
    finally:
        broken.write_text(whole, encoding="utf-8")

    assert status == TESTS_FAILED, said
