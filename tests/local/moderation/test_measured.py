"""The table in docs/moderation.md is what the classifiers do."""

import re
import subprocess
from collections.abc import Mapping

import pytest

from tests.local.conftest import ROOT
from tests.local.moderation.conftest import PYTHON

pytestmark = pytest.mark.xdist_group("moderation")

ROW = re.compile(r"^\| (?P<category>[a-z_]+) \|(?P<cells> \d[^\n]+)\|$", re.MULTILINE)
APART = 1
"""Processors differ in how they round, and a text at a threshold falls on either side."""


def rows(table: str) -> Mapping[str, list[int]]:
    """By category the whole numbers of its row, without percentages."""
    return {
        row["category"]: [int(n) for n in re.findall(r"\b(\d+)\b(?! %)", row["cells"])]
        for row in ROW.finditer(table)
    }


def test_the_documented_table_is_the_measured_one() -> None:
    document = (ROOT / "docs/moderation.md").read_text()
    documented = rows(document.partition("measured: begin")[2].partition("measured: end")[0])

    measured = rows(
        subprocess.run(
            [str(PYTHON), "-m", "local.moderation.evaluate"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
            env={"PATH": "/usr/bin:/bin"},
        ).stdout
    )

    assert measured.keys() == documented.keys() != set()
    for category, counts in measured.items():
        apart = [abs(a - b) for a, b in zip(counts, documented[category], strict=True)]
        assert max(apart) <= APART, f"{category}: -m local.moderation.evaluate --write"
