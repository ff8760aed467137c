"""What a person reads once the platform is up."""

import json
from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from local.bill import add_up
from local.client import Client
from local.main_job import Done
from sluice.money import usd

DOORS: Final = {"/v1/inference/": "sluice", "/openai/v1/": "openai", "/v3/async/": "novita"}


def print_jobs(console: Console, done: Sequence[Done]) -> None:
    """Each job with the door it came through, how it ended, and what it cost."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), collapse_padding=True, pad_edge=False)
    for name in ("task", "model", "door", "status"):
        table.add_column(name, overflow="fold")
    for name in ("seconds", "held", "charged"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in done:
        nanos = f"{row.held_nanos:,}", f"{row.charged_nanos:,}"
        table.add_row(
            row.task, row.model, _short(row.door), row.status, f"{row.seconds:.1f}", *nanos
        )
    console.print(table)
    console.print("held and charged in nanodollars (1e-9 USD)")


def _short(door: str) -> str:
    """`openai images/edits` for /openai/v1/images/edits."""
    for path, name in DOORS.items():
        if door.startswith(path):
            return f"{name} {door.removeprefix(path)}"
    return door


def print_bill(console: Console, client: Client) -> None:
    """Raises CheckFailed when it does not add up."""
    bill = add_up(client)
    console.print(
        f"granted {usd(bill.granted_nanos)} − charged {usd(bill.charged_nanos)} = "
        f"{usd(bill.available_nanos + bill.held_nanos)} USD left: the bill adds up"
    )


def print_summary(
    console: Console, client: Client, url: str, key: str, done: Sequence[Done]
) -> None:
    print_jobs(console, done)
    print_bill(console, client)
    for row in done:
        console.print(f"{row.task}: {row.answer}", markup=False)
    messages = [{"role": "user", "content": "Write a haiku about a red apple."}]
    body = json.dumps({"model": "smollm2-135m", "messages": messages})
    lines = [
        "",
        f"URL      {url}   (Playground and console; OpenAI clients: base_url={url}/openai/v1)",
        f"key      {key}",
        f"mailbox  {url}/_local/mail",
        "try      " + f"curl -s {url}/openai/v1/chat/completions -H 'Authorization: Bearer {key}' "
        f"-H 'Content-Type: application/json' -d '{body}'",
        "stop     make down   (make reset forgets everything)",
    ]
    for line in lines:
        console.print(line, markup=False)
