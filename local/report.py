"""What a person reads once the platform is up."""

import json
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from local.bill import add_up
from local.client import Client
from local.main_job import Done
from sluice.money import usd


def jobs_table(done: Sequence[Done]) -> Table:
    """Each job with the door it came through and what it cost; 80 columns are enough."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), collapse_padding=True, pad_edge=False)
    for name in ("task", "model", "door"):
        table.add_column(name, overflow="fold")
    for name in ("seconds", "nanos"):
        table.add_column(name, justify="right")
    for row in done:
        seconds, nanos = f"{row.seconds:.1f}", f"{row.charged_nanos:,}"
        table.add_row(row.task, row.model, row.door, seconds, nanos)
    return table


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
    console.print(jobs_table(done))
    print_bill(console, client)
    for row in done:
        console.print(f"{row.task}: {row.answer}", markup=False)
    messages = [{"role": "user", "content": "Write a haiku about a red apple."}]
    body = json.dumps({"model": "smollm2-135m", "messages": messages})
    lines = [
        "",
        f"URL      {url}   (OpenAI clients: base_url={url}/openai/v1)",
        f"key      {key}",
        f"mailbox  {url}/_local/mail",
        "try      " + f"curl -s {url}/openai/v1/chat/completions -H 'Authorization: Bearer {key}' "
        f"-H 'Content-Type: application/json' -d '{body}'",
        "stop     make down   (make reset forgets everything)",
    ]
    for line in lines:
        console.print(line, markup=False)
