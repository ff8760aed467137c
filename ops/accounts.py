"""Suspends accounts, and restores them: a suspended account may read, and nothing else.

    python -m ops accounts suspend --stage dev ACCOUNT --reason "spam, case 12"
    python -m ops accounts restore --stage dev ACCOUNT --reason "appeal granted"
    python -m ops accounts show    --stage dev ACCOUNT

Within three seconds of the command's end no key and no session of the account starts anything;
what runs already is settled as ever. The owner is told by mail, and the audit log says it. A
command that was interrupted is given again.
"""

import argparse
import sys
from collections.abc import Iterator
from itertools import batched
from typing import Final

import boto3
from boto3.dynamodb.conditions import Attr

from functions.auth.audit.store import record
from functions.auth.mail.notices import Kind
from functions.auth.mail.store import notify
from sluice import clock, ids
from sluice.caller import Caller
from sluice.errors import NotFound, SluiceError
from sluice.table import Item, Table, Transaction, Write, exists, sort_key

SUSPENDED: Final = "account_suspended"
NOTICES: Final[dict[str, Kind]] = {
    "account.suspended": "account_suspended",
    "account.restored": "account_restored",
}
"""By the audit log's action, what the owner is told."""
BATCH: Final = 50
"""Credentials that change in one transaction."""


def suspend(table: Table, account: str, reason: str, by: str) -> int:
    """Gives how many credentials it reached. Raises NotFound."""
    facts = {"reason": reason, "by": by, "since_ms": clock.now_ms()}
    key = (f"ACCOUNT#{account}", "ACCOUNT")
    change = table.update(
        *key, set_={"limited": SUSPENDED, "suspended": facts}, when=exists(), refused=_unknown
    )
    return _apply(table, account, change, "account.suspended", by)


def restore(table: Table, account: str, reason: str, by: str) -> int:
    """Gives how many credentials it reached. Raises NotFound for an account that is unknown or not
    suspended."""
    key = (f"ACCOUNT#{account}", "ACCOUNT")
    change = table.update(
        *key,
        set_={"restored": {"reason": reason, "by": by, "since_ms": clock.now_ms()}},
        remove=["limited", "suspended"],
        when=Attr("limited").eq(SUSPENDED),
        refused=_unknown,
    )
    return _apply(table, account, change, "account.restored", by)


def _apply(table: Table, account: str, change: Write, action: str, by: str) -> int:
    """The account first, so that what is made from now on is limited or not; then what there is."""
    item = get(table, account)
    owner = table.find(f"USER#{item['owner']}", "USER")
    caller = Caller("sluicectl", ids.new("req"))
    told = [notify(owner["email"], NOTICES[action], table=table)] if owner else []
    written = record(account, by, action, account, caller, table=table)
    Transaction().add(change, written, *told).commit()
    limited = SUSPENDED if action == "account.suspended" else None
    credentials = list(_credentials(table, item))
    for some in batched(credentials, BATCH, strict=False):
        Transaction().add(*[_limit(table, pk, sk, limited) for pk, sk in some]).commit()
    return len(credentials)


def _credentials(table: Table, account: Item) -> Iterator[tuple[str, str]]:
    """The account's live keys, and of its own owner's account the sessions. Members' sessions read
    the account itself."""
    keys, user = f"ACCOUNT#{account['id']}", f"USER#{account['owner']}"
    for listing in _all(table, keys, "KEY#"):
        if listing["state"] == "active":
            yield listing["credential"], "KEY"
    if account["kind"] == "personal":
        for listing in _all(table, user, "SESSION#"):
            if listing["expires_ms"] > clock.now_ms():
                yield listing["credential"], "SESSION"


def _all(table: Table, pk: str, prefix: str) -> Iterator[Item]:
    cursor = None
    while True:
        page = table.query(pk, sk=sort_key().begins_with(prefix), cursor=cursor)
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return


def _limit(table: Table, pk: str, sk: str, limited: str | None) -> Write:
    """A credential that has ended meanwhile is not brought back."""
    if limited is None:
        return table.update(pk, sk, remove=["limited"], when=exists(), refused=_gone)
    return table.update(pk, sk, set_={"limited": limited}, when=exists(), refused=_gone)


def get(table: Table, account: str) -> Item:
    """Raises NotFound."""
    item = table.find(f"ACCOUNT#{account}", "ACCOUNT")
    if item is None:
        raise NotFound("There is no such account.")
    return item


def _unknown(_old: Item | None) -> NotFound:
    return NotFound("There is no such account, or it is not suspended.")


def _gone(_old: Item | None) -> NotFound:
    return NotFound("A session or key ended just now; give the command again.")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="sluicectl accounts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=["suspend", "restore", "show"])
    parser.add_argument("account")
    parser.add_argument("--stage", required=True)
    parser.add_argument("--reason", help="what stands in the record and is shown to the account")
    chosen = parser.parse_intermixed_args(arguments)
    if chosen.action != "show" and not chosen.reason:
        parser.error(f"say why, with --reason, to {chosen.action} an account")
    table = Table(f"sluice-{chosen.stage}-accounts")
    try:
        if chosen.action != "show":
            act = suspend if chosen.action == "suspend" else restore
            by = boto3.client("sts").get_caller_identity()["Arn"]
            print(f"{act(table, chosen.account, chosen.reason, by)} credentials reached")
        print(_line(get(table, chosen.account)))
    except SluiceError as error:
        print(error.detail, file=sys.stderr)
        return 1
    return 0


def _line(account: Item) -> str:
    state = account.get("suspended")
    told = (
        f"suspended since {clock.iso(state['since_ms'])} by {state['by']}: {state['reason']}"
        if state
        else "in good standing"
    )
    leaving = f"  {account['state']}" if "state" in account else ""
    if "closes_ms" in account:
        leaving += f", closes {clock.iso(account['closes_ms'])}"
    return f"{account['id']}  {account['kind']}  of {account['owner']}  {told}{leaving}"
