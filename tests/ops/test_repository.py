"""The lint of the whole repository: each rule finds what it is for."""

from pathlib import Path

import pytest

from ops.repository import MAX_FILE_BYTES, MAX_WEIGHTS_BYTES, findings_in


def found(path: str, content: str) -> list[str]:
    return [finding.partition(": ")[2] for finding in findings_in(Path(path), content.encode())]


@pytest.mark.parametrize(
    "host", ["py" + "pi.org", "files.python" + "hosted.org", "registry.np" + "mjs.org"]
)
def test_a_registrys_host_is_found_in_any_file(host: str) -> None:
    assert found("docs/guide.md", f"see {host}") == ["names a package registry's host"]


@pytest.mark.parametrize(
    "folder", ["/ro" + "ot/x", "/ho" + "me/ann/x", "/Use" + "rs/ann/x", "/wo" + "rk/x"]
)
def test_a_path_of_one_machine_is_found(folder: str) -> None:
    assert found("Makefile", f"cat {folder}") == ["names a path of one machine"]


def test_a_route_or_a_folder_of_the_clone_is_no_path_of_a_machine() -> None:
    assert found("a.py", 'GET /v1/homework/x; "$(ROOT)/work' + '/x"; ./work' + "/x") == []


def test_an_address_is_found_in_a_lock_and_allowed_elsewhere() -> None:
    address = "https://example.com/x.whl"

    assert found("requirements/dev.lock", address) == ["carries an address in a lock"]
    assert found("README.md", address) == []


@pytest.mark.parametrize("silence", ["# type: ignore[arg-type]", "# noqa: S101", "# noqa"])
def test_a_silenced_check_gives_its_reason_on_the_line(silence: str) -> None:
    assert found("a.py", f"x = 1  {silence}") == ["silences a check without saying why on the line"]
    assert found("a.py", f"x = 1  {silence}  # the stub is wrong here") == []


def test_catching_everything_gives_its_reason_on_the_line() -> None:
    bare = "except Exc" + "eption:"

    assert found("a.py", bare) == ["catches everything without saying why on the line"]
    assert found("a.py", f"{bare}  # a worker must answer its host whatever happens") == []


def test_a_file_too_large_to_review_is_found() -> None:
    assert "over" in found("big.json", " " * (MAX_FILE_BYTES + 1))[0]


def test_only_a_models_own_weights_may_be_larger() -> None:
    large = "\0" * (MAX_FILE_BYTES + 1)

    assert found("models/sketch/weights.npz", large) == []
    assert found("models/sketch/other.npz", large) != []
    assert found("models/sketch/weights.npz", "\0" * (MAX_WEIGHTS_BYTES + 1)) != []
