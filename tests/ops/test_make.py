"""What a person meets first: `make` alone."""

import subprocess

from ops.paths import ROOT

PROMISED = (
    *("up", "down", "reset", "smoke", "test", "prove", "check", "bench"),
    *("openapi", "lock", "synth", "doctor", "deploy"),
)


def test_make_alone_lists_every_target_with_a_line_of_help() -> None:
    done = subprocess.run(
        ["make"], cwd=ROOT, check=True, capture_output=True, text=True, timeout=30
    )

    listed = {line.split()[1]: line.split()[2:] for line in done.stdout.splitlines()}
    assert set(PROMISED) <= listed.keys()
    assert all(listed.values())


def test_a_deployment_without_a_stage_says_how_to_name_one() -> None:
    done = subprocess.run(
        ["make", "deploy", "STAGE="],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode != 0
    assert "make deploy STAGE=dev" in done.stderr
