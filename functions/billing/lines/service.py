"""An account's statement: what each ended line did to which bucket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.billing.lines import store
from sluice.ledger import grant_pk, line_sk
from sluice.table import Item

_GRANT_PREFIX, _LINE_PREFIX = grant_pk(""), line_sk("")


@dataclass(frozen=True, slots=True)
class Line:
    """An entry: `nanos` is what it added to the account's credit, negative for a charge. A job
    that drew on several buckets has a line in each; `grant` is None for bought credit."""

    cause: str
    kind: str
    state: str
    grant: str | None
    nanos: int
    held_nanos: int
    job: str | None
    reason: str | None
    price: Mapping[str, Any] | None
    opened_ms: int
    ended_ms: int


def list_lines(account: str, limit: int, cursor: str | None) -> tuple[list[Line], str | None]:
    """A page of the account's ended lines, newest first, and the cursor of the next."""
    items, next_cursor = store.list_lines(account, limit, cursor)
    return [_line(item) for item in items], next_cursor


def _line(item: Item) -> Line:
    pk: str = item["pk"]
    return Line(
        cause=item["sk"].removeprefix(_LINE_PREFIX),
        kind=item["kind"],
        state=item["state"],
        grant=pk.removeprefix(_GRANT_PREFIX) if pk.startswith(_GRANT_PREFIX) else None,
        nanos=sum(leg["nanos"] for leg in item["legs"] if leg["account"] == pk),
        held_nanos=item.get("held_nanos", 0),
        job=item.get("job"),
        reason=item.get("reason"),
        price=item.get("price"),
        opened_ms=item["opened_ms"],
        ended_ms=item["ended_ms"],
    )
