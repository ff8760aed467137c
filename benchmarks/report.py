"""Tables on the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

CONSOLE = Console(width=120, highlight=False)


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], note: str) -> None:
    """`note` says how to read the table, and why a figure misses its budget."""
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(f"{cell:,.2f}" if isinstance(cell, float) else str(cell) for cell in row))
    CONSOLE.print(table)
    CONSOLE.print(note, markup=False)
    CONSOLE.print()
