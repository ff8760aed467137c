"""“My account is compromised”: everything that could act for it ends."""

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from functions.auth.audit.store import record
from functions.auth.closing import store as closing
from functions.auth.emails import store as emails
from functions.auth.factors import store as factors
from functions.auth.identities import store as identities
from functions.auth.keys import revocation
from functions.auth.mail.store import notify
from functions.auth.passwords import store as resets
from functions.auth.securing import store
from functions.auth.sessions import ends
from functions.auth.sessions import store as sessions
from functions.auth.users import mailbox
from functions.auth.users import store as users
from sluice import events
from sluice.caller import Caller
from sluice.errors import SluiceError
from sluice.log import logger
from sluice.principal import Principal, forget_cached
from sluice.table import Item, Transaction


@dataclass(frozen=True, slots=True)
class Secured:
    sessions: int
    keys: int


def secure(principal: Principal, caller: Caller) -> Secured:
    """In one transaction: every session, the password and whatever was pending end, the account's
    epoch rises, which billing is told, and the owner is told by mail. Then the keys end, in as many
    transactions as they need; should this process die before, `followups.py` ends the rest."""
    user = users.get(principal.user)
    ended, epoch = users.revised(user, lambda now: _secure(now, caller))
    keys = end_keys(user["account"], epoch, user["id"], caller)
    forget_cached()
    return Secured(ended, keys)


def end_keys(account: str, epoch: int, actor: str, caller: Caller) -> int:
    """Gives how many this call ended; what it cannot end now, the follow-up does."""
    try:
        return revocation.end_all(account, epoch, actor, caller)
    except (SluiceError, BotoCoreError, ClientError):
        logger.exception("the follow-up ends the keys")
        return 0


def _secure(user: Item, caller: Caller) -> tuple[int, int]:
    """Gives how many sessions ended, and the new epoch."""
    account, listings = sessions.get_account(user["account"]), sessions.list_(user["id"])
    epoch, actor = account["epoch"] + 1, user["id"]
    told = {"account": account["id"], "epoch": epoch}
    by = {"user": actor, "address": caller.address, "request": caller.request}
    Transaction().add(
        users.revise(user, remove=["password_hash", "factors"]),
        store.raise_epoch(account, epoch),
        *([closing.kept(account["id"])] if closing.is_closing(account) else []),
        resets.forget(mailbox.login_of(user["email"])),
        emails.forget(actor),
        *factors.forget(actor, factors.list_(actor)),
        *identities.unlink_all(identities.list_(actor)),
        *ends.end(listings, account["id"], actor, caller),
        record(account["id"], actor, "account.secured", account["id"], caller),
        events.announce(users.table(), "account.secured", told),
        notify(user["email"], "account_secured", told | by),
    ).commit()
    return sum(map(sessions.is_live, listings)), epoch
