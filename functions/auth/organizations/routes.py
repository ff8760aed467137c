"""The accounts that one may act for, and making organizations."""

from typing import Annotated

from fastapi import APIRouter, Depends

from functions.auth.organizations import service
from functions.auth.organizations.schemas import (
    Account,
    Accounts,
    NewOrganization,
    Renaming,
    SecuredOrganization,
    Suspension,
)
from functions.auth.securing import organization
from functions.auth.sessions.freshness import FreshOwner, fresh
from sluice import clock
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller
from sluice.principal import Principal, require
from sluice.table import Item

router = APIRouter(prefix="/v1/auth", tags=["organizations"], responses=PROBLEMS)

Here = Annotated[Caller, Depends(current_caller)]


@router.get("/accounts")
async def list_accounts(owner: Annotated[Principal, Depends(require("user"))]) -> Accounts:
    """Your own account and the organizations whose member you are, at most 20: the accounts that
    the header `Sluice-Account` may name. Refusals: `unauthenticated`, `forbidden`."""
    return Accounts(data=[shown(account) for account in service.list_(owner)])


@router.get("/account")
async def get_account(
    reader: Annotated[Principal, Depends(require("account:read"))],
) -> Account:
    """The account that this request acts for. Refusals: `unauthenticated`, `forbidden`."""
    return shown(service.get(reader))


@router.patch("/account")
async def rename_account(
    body: Renaming,
    writer: Annotated[Principal, Depends(require("account:write"))],
    caller: Here,
) -> Account:
    """Give the account another name. Refusals: `forbidden`, `invalid_input`."""
    return shown(service.rename(writer, body.name, caller))


@router.post("/account/secure")
async def secure_organization(
    writer: Annotated[Principal, Depends(fresh("account:write"))], caller: Here
) -> SecuredOrganization:
    """Our organization is compromised: end its every API key and invitation; each member must step
    up before acting for it again. Credit that open jobs hold is settled as ever, and no further job
    of the ended keys starts. The owner is told by mail. Look through the members and the audit log
    then. Refusals: `step_up_required`, `not_an_organization`."""
    return SecuredOrganization(keys_ended=organization.secure(writer, caller))


@router.post("/organizations", status_code=201)
async def create_organization(body: NewOrganization, owner: FreshOwner, caller: Here) -> Account:
    """Make an organization, whose owner you are: an account with members. Refusals:
    `step_up_required`, `too_many_organizations`, `invalid_input`."""
    make = service.convert if body.from_own_account else service.create
    return shown(make(owner, body.name, caller))


def shown(account: service.Account) -> Account:
    item = account.item
    return Account(
        id=item["id"],
        kind=item["kind"],
        name=item.get("name"),
        role=account.role,
        own=account.is_own,
        owner=item["owner"],
        created_at=clock.iso(item["created_ms"]),
        suspended=_suspension(item["suspended"]) if "suspended" in item else None,
    )


def _suspension(facts: Item) -> Suspension:
    return Suspension(reason=facts["reason"], since=clock.iso(facts["since_ms"]))
