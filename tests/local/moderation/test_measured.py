"""The table in docs/moderation.md is what the classifiers do."""

import subprocess

import pytest

from tests.local.conftest import ROOT
from tests.local.moderation.conftest import PYTHON

pytestmark = pytest.mark.xdist_group("moderation")


def test_the_documented_table_is_the_measured_one() -> None:
    document = (ROOT / "docs/moderation.md").read_text()

    measured = subprocess.run(
        [str(PYTHON), "-m", "local.moderation.evaluate"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
    ).stdout

    assert measured.strip() in document, "write it anew: -m local.moderation.evaluate --write"
