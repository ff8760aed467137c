"""Lines in the ledger table, whose keys stand in `sluice.ledger`.

item      pk                  sk             index (gsi1)
line      the bucket's pk     LINE#{cause}   ended: the bucket's pk / ended#cause

A statement is a merge: an account has one bucket of bought credit and at most `MAX_GRANTS` grants,
and the index gives each one's ended lines by time. A position is (index key, bucket), which is
unique, so pages neither repeat nor skip a line while new ones are written. The index only tells
which lines there are; the lines themselves are read from the table.
"""

import base64
import binascii

from functions.billing.settings import settings
from sluice import ledger
from sluice.errors import InvalidInput
from sluice.table import Item, Table, sort_key

type Position = tuple[str, str]

_LATEST: Position = ("9" * 13 + "~", "")
_SEPARATOR = "|"
_NO_CURSOR = "The cursor is not one that a page gave; start without it."


def list_lines(account: str, limit: int, cursor: str | None) -> tuple[list[Item], str | None]:
    """At most `limit` ended lines, newest first, and the next page's cursor."""
    table = Table(settings().ledger_table)
    before = _read_cursor(cursor) if cursor else _LATEST
    found: list[Position] = []
    for bucket in _buckets(table, account):
        # Two more than asked: one may be the position itself, one tells that there are more.
        page = table.query(
            bucket,
            index=True,
            sk=sort_key(index=True).lte(before[0]),
            limit=limit + 2,
            newest_first=True,
        )
        found += [(item["gsi1sk"], bucket) for item in page.items]
    older = sorted((position for position in found if position < before), reverse=True)
    shown = older[:limit]
    return _read(table, shown), _write_cursor(shown[-1]) if len(older) > limit else None


def _buckets(table: Table, account: str) -> list[str]:
    balance = table.find(ledger.balance_pk(account), "BUCKET")
    if balance is None:
        return []
    return [balance["pk"], *(ledger.grant_pk(grant) for grant in balance["grants"])]


def _read(table: Table, positions: list[Position]) -> list[Item]:
    keys = [(bucket, _line_sk(position)) for position, bucket in positions]
    lines = {(line["pk"], line["sk"]): line for line in table.find_many(keys)}
    return [lines[key] for key in keys]


def _line_sk(position: str) -> str:
    return ledger.line_sk(position.partition("#")[2])


def _write_cursor(position: Position) -> str:
    return base64.urlsafe_b64encode(_SEPARATOR.join(position).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> Position:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(_NO_CURSOR) from error
    position, separator, bucket = text.partition(_SEPARATOR)
    if not (position and separator and bucket):
        raise InvalidInput(_NO_CURSOR)
    return position, bucket
