"""Keys that somebody found where they should not be: they end at once, and their owner is told.

Whoever reports a key has it, and could use it; so no proof is asked for but the key itself.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from functions.auth.attempts.store import Limit, network, take
from functions.auth.audit.store import record
from functions.auth.keys import revocation
from functions.auth.keys import store as keys
from functions.auth.mail.store import notify
from functions.auth.sessions.store import get_account
from functions.auth.users import store as users
from sluice.caller import Caller
from sluice.errors import NotFound
from sluice.principal import credential_pk, forget_cached, is_well_formed_key
from sluice.table import Table, Transaction

REPORTER: Final = "leak-report"
"""The actor of the audit log's entry: anybody."""
_REPORTS = Limit("leak-report", 30, 600)


def report(found: Sequence[str], caller: Caller) -> None:
    """Revoke those of the texts that are live keys; the checksum sorts out the others without a
    read. Nothing tells the reporter which were. Raises RateLimited."""
    take(_REPORTS, network(caller.address))
    for text in dict.fromkeys(found):
        if is_well_formed_key(text):
            with suppress(NotFound):  # ended meanwhile
                _revoke(keys.table(), text, caller)
    forget_cached()


def _revoke(table: Table, secret: str, caller: Caller) -> None:
    credential = table.find(credential_pk("KEY", secret), "KEY")
    if credential is None or credential["state"] != "active":
        return
    account = get_account(credential["account"])
    listing = keys.find(account["id"], credential["id"])
    if listing is None:
        return
    owner = users.get(account["owner"])
    Transaction().add(
        *revocation.revoke(listing),
        record(account["id"], REPORTER, "key.leaked", credential["id"], caller),
        notify(owner["email"], "key_leaked"),
    ).commit()
