"""Who may act for the whole deployment, beyond their own account. The first is appointed here.

    python -m ops operators appoint --stage dev USER    (USER: the id that /v1/auth/whoami answers)
    python -m ops operators dismiss --stage dev USER
    python -m ops operators list    --stage dev

item      pk         sk           index  ttl  retention
operator  OPERATORS  USER#{user}  -      -    for ever: it also tells who appointed whom, and when
"""

import argparse
import sys
from collections.abc import Mapping
from typing import Any

import boto3
from boto3.dynamodb.conditions import Attr

from sluice import clock
from sluice.errors import Conflict, NotFound, SluiceError
from sluice.table import Table, Transaction, exists

OPERATORS = "OPERATORS"
MAX_OPERATORS = 100


def appoint(table: Table, user: str, by: str) -> None:
    """Makes `user` an operator, on the word of `by`. Raises NotFound for an unknown user."""
    key = (OPERATORS, f"USER#{user}")
    Transaction().add(
        table.check(
            f"USER#{user}", "USER", when=exists(), refused=lambda _: NotFound("No such user.")
        ),
        table.update(
            *key,
            set_={"user": user, "by": by, "since_ms": clock.now_ms()},
            remove=["dismissed_ms", "dismissed_by"],
        ),
    ).commit()


def dismiss(table: Table, user: str, by: str) -> None:
    """Raises Conflict where `user` is no operator."""
    table.update(
        OPERATORS,
        f"USER#{user}",
        set_={"dismissed_ms": clock.now_ms(), "dismissed_by": by},
        when=exists() & Attr("dismissed_ms").not_exists(),
        refused=lambda _: Conflict("That user is no operator."),
    ).send()


def list_operators(table: Table) -> list[Mapping[str, Any]]:
    """Those in office, at most MAX_OPERATORS."""
    page = table.query(OPERATORS, where=Attr("dismissed_ms").not_exists(), limit=MAX_OPERATORS)
    return list(page.items)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="sluicectl operators",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=["appoint", "dismiss", "list"])
    parser.add_argument("user", nargs="?")
    parser.add_argument("--stage", required=True)
    chosen = parser.parse_intermixed_args(arguments)
    if chosen.action != "list" and not chosen.user:
        parser.error(f"say whom to {chosen.action}")
    table = Table(f"sluice-{chosen.stage}-accounts")
    try:
        if chosen.action != "list":
            act = appoint if chosen.action == "appoint" else dismiss
            act(table, chosen.user, by=boto3.client("sts").get_caller_identity()["Arn"])
    except SluiceError as error:
        print(error.detail, file=sys.stderr)
        return 1
    for operator in list_operators(table):
        print(f"{operator['user']}  since {clock.iso(operator['since_ms'])}  by {operator['by']}")
    return 0
