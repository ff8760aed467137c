"""One folder with everything in it, readable by its owner."""

from pathlib import Path

import pytest

from local.home import Home, read_json, write_json


def test_a_relative_home_is_the_same_from_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    home = Home(Path("here"))

    assert home.logs == tmp_path / "here" / "logs"


def test_what_is_written_is_read_again_and_private(tmp_path: Path) -> None:
    path = Home(tmp_path / "new").accounts

    write_json(path, {"demo": "a secret"})

    assert read_json(path) == {"demo": "a secret"}
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in path.parent.iterdir()] == ["accounts.json"]


def test_what_was_never_written_is_empty(tmp_path: Path) -> None:
    assert read_json(tmp_path / "nothing.json") == {}
