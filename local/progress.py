"""What is going on, how far it is, and how long it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """Numbered steps on the terminal; `seconds` remembers how long each took."""

    def __init__(self, steps: int) -> None:
        self.seconds: dict[str, float] = {}
        self.console = Console(highlight=False, soft_wrap=True)
        self._steps = steps

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        label = f"[{len(self.seconds) + 1}/{self._steps}] {what}"
        begun = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(label):
                yield
        else:
            self.console.print(f"{label} …", markup=False)
            yield
        self.seconds[what] = time.monotonic() - begun
        self.console.print(f"{label}  {self.seconds[what]:.1f} s", markup=False)

    def skip(self, what: str) -> None:
        """Count a step that needs no doing."""
        self.seconds[what] = 0.0

    @property
    def total_s(self) -> float:
        return sum(self.seconds.values())
