"""What is going on, how far it is, and how long it took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console

LOG_COLUMNS: Final = 116
"""A log's lines need not fit a window."""

type Tell = Callable[[str], None]


class Progress:
    """Numbered steps on the terminal; `seconds` remembers how long each took."""

    def __init__(self, steps: int, console: Console | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self.console = console or Console(highlight=False, soft_wrap=True)
        if not self.console.is_terminal:
            self.console.width = max(self.console.width, LOG_COLUMNS)
        self._steps, self._begun = steps, time.monotonic()

    @contextmanager
    def step(self, what: str) -> Iterator[Tell]:
        """Within it, say how far the step is by calling what this gives."""
        label = f"[{len(self.seconds) + 1}/{self._steps}] {what}"
        begun = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(label) as status:
                yield lambda far: status.update(f"{label}: {far}")
        else:
            self._say(f"{label} …")
            yield lambda far: self._say(f"      {far}")
        self.seconds[what] = time.monotonic() - begun
        self._say(f"{label}  {self.seconds[what]:.1f} s")

    @property
    def total_s(self) -> float:
        """Since the first step could begin."""
        return time.monotonic() - self._begun

    def _say(self, line: str) -> None:
        self.console.print(line, markup=False)
