"""Time to the first result on this machine, as the last `make up` took it."""

from typing import Final

from benchmarks.report import CONSOLE, show
from local.home import SLUICE, Home, read_json

BUDGET_S: Final = 120


def run() -> None:
    kept = read_json(Home(SLUICE / "platform").timings)
    if not kept:
        CONSOLE.print("Time to first result: not known here; run `make up` first.\n")
        return
    rows: list[tuple[str, float]] = list(kept["steps_s"].items())
    show(
        "Time to the first result, s",
        ["step", "s"],
        [*rows, ("all", kept["total_s"])],
        f"Budget: {BUDGET_S} s after `make up` with warm caches.",
    )
