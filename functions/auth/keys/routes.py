"""API keys, managed under a session."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from functions.auth.keys import service
from functions.auth.keys.schemas import CreatedKey, Key, Keys, NewKey
from functions.auth.sessions.freshness import FreshOwner
from sluice import clock
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import Principal, require
from sluice.table import MAX_PAGE, Item

MAX_ID_CHARS = 64
MAX_CURSOR_CHARS = 1000

router = APIRouter(prefix="/v1/auth/keys", tags=["keys"], responses=PROBLEMS)

Owner = Annotated[Principal, Depends(require("account"))]
Here = Annotated[Caller, Depends(current_caller)]


@router.post("", status_code=201)
async def create_key(
    body: NewKey,
    response: Response,
    owner: FreshOwner,
    caller: Here,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> CreatedKey:
    """Create an API key; `secret` is shown in this answer and never again. Sent again with the same
    `Idempotency-Key` the answer is the key as it is, without its secret, and
    `Idempotent-Replayed: true`: revoke it and create another if the secret was lost.

    Refusals: `unauthenticated`, `forbidden` (a key cannot make keys), `step_up_required`,
    `too_many_keys`, `idempotency_mismatch`, `invalid_input`."""
    expires_ms = None if body.expires_at is None else int(body.expires_at.timestamp() * 1000)
    created = service.create(owner, body.name, expires_ms, idempotency_key, caller)
    if created.secret is None:
        response.headers["Idempotent-Replayed"] = "true"
    return CreatedKey(**_fields(created.listing), secret=created.secret)


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


@router.delete("/{key}", status_code=204)
async def revoke_key(
    key: Annotated[str, Path(max_length=MAX_ID_CHARS)], owner: FreshOwner, caller: Here
) -> None:
    """Revoke a key. Within three seconds nothing accepts it any more. Refusals: `step_up_required`,
    `not_found`."""
    service.revoke(owner, key, caller)


def _fields(listing: Item) -> Item:
    expires_ms = listing.get("expires_ms")
    return {name: listing[name] for name in ("id", "name", "prefix", "scopes")} | {
        "state": service.state_of(listing),
        "created_at": clock.iso(listing["created_ms"]),
        "expires_at": None if expires_ms is None else clock.iso(expires_ms),
    }
