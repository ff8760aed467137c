"""“Our organization is compromised”: what acts for it alone ends; its members step up."""

from functions.auth.audit.store import record
from functions.auth.closing import store as closing
from functions.auth.invitations import store as invitations
from functions.auth.mail.store import notify
from functions.auth.organizations import store as organizations
from functions.auth.securing import store
from functions.auth.securing.service import end_keys
from functions.auth.users import store as users
from functions.auth.users.store import RevisedError
from sluice import events
from sluice.caller import Caller
from sluice.errors import Conflict, Unavailable
from sluice.principal import Principal, forget_cached
from sluice.table import Item, Transaction


def secure(principal: Principal, caller: Caller) -> int:
    """In one transaction: every invitation ends, the account's epoch rises, which billing is told,
    and the owner is told by mail. Then the keys end, of which it gives the count; should this
    process die before, `followups.py` ends the rest. Raises Conflict `not_an_organization`."""
    account = organizations.get(principal.account)
    if account["kind"] != organizations.ORGANIZATION:
        raise Conflict("Secure your own account instead.", code="not_an_organization")
    try:
        epoch = _secure(account, principal, caller)
    except RevisedError as error:
        raise Unavailable("Others secure it at the moment; try again.", retry_after_s=1) from error
    keys = end_keys(principal.account, epoch, principal.user, caller)
    forget_cached()
    return keys


def _secure(account: Item, principal: Principal, caller: Caller) -> int:
    epoch, actor = int(account["epoch"]) + 1, principal.user
    told = {"account": account["id"], "epoch": epoch}
    by = {"user": actor, "address": caller.address, "request": caller.request}
    Transaction().add(
        store.raise_epoch(account, epoch),
        *([closing.kept(account["id"])] if closing.is_closing(account) else []),
        *[write for each in invitations.list_(account["id"]) for write in invitations.end(each)],
        record(account["id"], actor, "account.secured", account["id"], caller),
        events.announce(users.table(), "account.secured", told),
        notify(users.get(account["owner"])["email"], "organization_secured", told | by),
    ).commit()
    return epoch
