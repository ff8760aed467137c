"""Whoever waits sees what goes on, how far it is, and how long it took."""

import io

import pytest
from rich.console import Console

from local.progress import Progress


def progress_on(terminal: io.StringIO, *, is_terminal: bool = False) -> Progress:
    console = Console(file=terminal, force_terminal=is_terminal, width=100, highlight=False)
    return Progress(2, console)


def test_steps_are_numbered_and_timed() -> None:
    said = io.StringIO()
    progress = progress_on(said)

    with progress.step("first"):
        pass
    with progress.step("second") as tell:
        tell("half of it")

    lines = said.getvalue().splitlines()
    assert lines[0] == "[1/2] first …"
    assert lines[1].startswith("[1/2] first  0.")
    assert lines[3].strip() == "half of it"
    assert list(progress.seconds) == ["first", "second"]
    assert progress.total_s >= sum(progress.seconds.values())


def test_a_terminal_keeps_one_line_a_step() -> None:
    said = io.StringIO()
    progress = progress_on(said, is_terminal=True)

    with progress.step("first") as tell:
        tell("half of it")

    assert [line for line in said.getvalue().splitlines() if "[1/2] first  0." in line]
    assert "first …" not in said.getvalue()


def test_a_step_that_failed_is_not_told_as_done() -> None:
    said = io.StringIO()
    progress = progress_on(said)

    with pytest.raises(RuntimeError), progress.step("first"):
        raise RuntimeError

    assert said.getvalue() == "[1/2] first …\n"
    assert progress.seconds == {}
