"""What is deployed is deployed again only when something in it has changed."""

from pathlib import Path

import pytest

from local.cdk import DeploymentFailed, Run
from local.deploy import SOURCES, cdk_environment, fingerprint
from local.home import ROOT, Home
from local.ports import Ports


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for source in SOURCES:
        path = tmp_path / source
        path.parent.mkdir(parents=True, exist_ok=True)
        if "." in path.name:
            path.write_text(source)
        else:
            path.mkdir()
            (path / "code.py").write_text("one = 1")
    return tmp_path


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_counts(repository: Path, source: str) -> None:
    before = fingerprint(Ports(8400), repository)
    path = repository / source

    (path / "code.py" if path.is_dir() else path).write_text("one = 2")

    assert fingerprint(Ports(8400), repository) != before


def test_a_renamed_file_counts_and_byte_code_does_not(repository: Path) -> None:
    before = fingerprint(Ports(8400), repository)
    cache = repository / "functions" / "__pycache__"
    cache.mkdir()
    (cache / "code.pyc").write_bytes(b"\0")
    assert fingerprint(Ports(8400), repository) == before

    (repository / "functions" / "code.py").rename(repository / "functions" / "other.py")

    assert fingerprint(Ports(8400), repository) != before


def test_another_port_is_another_deployment(repository: Path) -> None:
    assert fingerprint(Ports(8400), repository) != fingerprint(Ports(8420), repository)


def test_a_failure_shows_what_cdk_said_and_where_the_rest_is(tmp_path: Path) -> None:
    environment = cdk_environment(Home(tmp_path), Ports(8400))
    log = tmp_path / "cdk.log"

    with (
        Run(["synth", "--app", "false"], environment, ROOT, log) as run,
        pytest.raises(DeploymentFailed) as failed,
    ):
        run.wait()

    assert "`cdk synth` failed" in str(failed.value)
    assert str(log) in str(failed.value)
