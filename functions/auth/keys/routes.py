"""API keys, managed under a session."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from functions.auth.keys import service
from functions.auth.keys.schemas import (
    Budget,
    CreatedKey,
    Key,
    KeyChange,
    Keys,
    NewKey,
    Rotation,
)
from functions.auth.keys.service import Change, Created, Wanted
from functions.auth.sessions.freshness import fresh
from sluice import clock, money
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import Principal, require
from sluice.table import MAX_PAGE, Item

MAX_ID_CHARS = 64
MAX_CURSOR_CHARS = 1000

router = APIRouter(prefix="/v1/auth/keys", tags=["keys"], responses=PROBLEMS)

Owner = Annotated[Principal, Depends(require("keys:read"))]
Maker = Annotated[Principal, Depends(fresh("keys:write"))]
Here = Annotated[Caller, Depends(current_caller)]
KeyId = Annotated[str, Path(max_length=MAX_ID_CHARS)]
Once = Annotated[str | None, Header(alias="idempotency-key", min_length=1, max_length=255)]


@router.post("", status_code=201)
async def create_key(
    body: NewKey,
    response: Response,
    owner: Maker,
    caller: Here,
    idempotency_key: Once = None,
) -> CreatedKey:
    """Create an API key; `secret` is shown in this answer and never again. Sent again with the same
    `Idempotency-Key` the answer is the key as it is, without its secret, and
    `Idempotent-Replayed: true`: revoke it and create another if the secret was lost.

    Refusals: `unauthenticated`, `forbidden` (a key cannot make keys), `step_up_required`,
    `scope_not_yours` (a key may do no more than its maker), `too_many_keys`,
    `idempotency_mismatch`, `invalid_input`."""
    expires_ms = None if body.expires_at is None else int(body.expires_at.timestamp() * 1000)
    wanted = Wanted(
        name=body.name,
        expires_ms=expires_ms,
        scopes=body.scopes,
        models=body.models,
        networks=body.networks,
        budget=dollars(body.budget),
        rate_per_minute=body.rate_per_minute,
    )
    return _told(service.create(owner, wanted, idempotency_key, caller), response)


@router.post("/{key}/rotate", status_code=201)
async def rotate_key(
    key: KeyId,
    body: Rotation,
    response: Response,
    owner: Maker,
    caller: Here,
    idempotency_key: Once = None,
) -> CreatedKey:
    """Make a key in the place of another, which may do the same, ends when that would have ended,
    and whose `secret` is shown this once. The old key goes on for the overlap, a day unless you say
    otherwise, so that programs can change over; a key is rotated once.

    Refusals: `step_up_required`, `scope_not_yours` (the old key may do more than you), `not_found`,
    `key_not_live`, `too_many_keys`, `idempotency_mismatch`."""
    created = service.rotate(owner, key, body.overlap_s, idempotency_key, caller)
    return _told(created, response)


@router.get("")
async def list_keys(
    owner: Owner,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = MAX_PAGE,
    cursor: Annotated[str | None, Query(max_length=MAX_CURSOR_CHARS)] = None,
) -> Keys:
    """The account's keys, without revoked ones. A page may hold fewer than `limit`; only the last
    has no `cursor`."""
    page = service.list_(owner, limit, cursor)
    return Keys(data=[Key(**_fields(item)) for item in page.items], cursor=page.cursor)


@router.patch("/{key}")
async def change_key(key: KeyId, body: KeyChange, owner: Maker, caller: Here) -> Key:
    """Give a key another name, budget or rate; within three seconds it counts everywhere. What
    it has spent in the period counts under the new budget too. Refusals: `step_up_required`,
    `not_found`, `key_not_live`."""
    said = frozenset(body.model_fields_set)
    change = Change(body.name, said, dollars(body.budget), body.rate_per_minute)
    return Key(**_fields(service.change(owner, key, change, caller)))


@router.delete("/{key}", status_code=204)
async def revoke_key(key: KeyId, owner: Maker, caller: Here) -> None:
    """Revoke a key. Within three seconds nothing accepts it any more. Refusals: `step_up_required`,
    `not_found`."""
    service.revoke(owner, key, caller)


def dollars(budget: Budget | None) -> tuple[str, str] | None:
    return (budget.usd, budget.period) if budget else None


def _told(created: Created, response: Response) -> CreatedKey:
    if created.secret is None:
        response.headers["Idempotent-Replayed"] = "true"
    return CreatedKey(**_fields(created.listing), secret=created.secret)


def _fields(listing: Item) -> Item:
    expires_ms = listing.get("expires_ms")
    return {name: listing[name] for name in ("id", "name", "prefix", "scopes", "networks")} | {
        "state": service.state_of(listing),
        "made_by": listing["user"],
        "created_at": clock.iso(listing["created_ms"]),
        "expires_at": None if expires_ms is None else clock.iso(expires_ms),
        "models": listing.get("models"),
        "budget": shown_budget(listing.get("budget")),
        "rate_per_minute": listing.get("rate_per_minute"),
        "replaced_by": listing.get("replaced_by"),
    }


def shown_budget(budget: Mapping[str, Any] | None) -> Budget | None:
    return Budget(usd=money.usd(budget["nanos"]), period=budget["period"]) if budget else None
