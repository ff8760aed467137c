"""Lines as the API shows them."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from functions.billing.lines.service import Line
from sluice import clock
from sluice.amount import Money


class LineBody(BaseModel):
    """One entry of the statement. `amount` is what it added to the account's credit: negative for
    a charge, zero for a hold that was released."""

    object: Literal["line"] = "line"
    cause: str = Field(description="The job, or the grant, that made it.")
    kind: Literal["job", "grant"]
    state: Literal["settled", "released"]
    grant: str | None = Field(description="The grant it drew on; null for bought credit.")
    amount: Money
    held: Money = Field(description="What was reserved before.")
    job: str | None
    reason: str | None
    price: Mapping[str, Any] | None = Field(description="The model and its price's version.")
    opened_at: str
    ended_at: str


class LinePage(BaseModel):
    data: list[LineBody]
    next_cursor: str | None


def show(line: Line) -> LineBody:
    return LineBody(
        cause=line.cause,
        kind=line.kind,
        state=line.state,
        grant=line.grant,
        amount=Money.of(line.nanos),
        held=Money.of(line.held_nanos),
        job=line.job,
        reason=line.reason,
        price=line.price,
        opened_at=clock.iso(line.opened_ms),
        ended_at=clock.iso(line.ended_ms),
    )
