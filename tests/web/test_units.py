"""The web's rules (forms from schemas, samples, money, CSV) by its own test runner."""

import subprocess

from ops.node import NPM
from ops.paths import ROOT

LIMIT_S = 120


def test_the_webs_own_tests_pass() -> None:
    done = subprocess.run(
        [*NPM, "run", "--silent", "--prefix", "web", "test"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )

    assert done.returncode == 0, done.stdout + done.stderr
