"""Linking identities of other providers to a user, and unlinking them."""

from functions.auth.audit.store import record
from functions.auth.factors import store as factors
from functions.auth.identities import store
from functions.auth.identities.store import Proven
from functions.auth.mail.store import notify
from functions.auth.sessions import store as sessions
from functions.auth.users import store as users
from sluice.caller import Caller
from sluice.errors import Conflict
from sluice.principal import Principal
from sluice.table import Item, Transaction


def list_(principal: Principal) -> list[Item]:
    return store.list_(principal.user)


def link(principal: Principal, proven: Proven, caller: Caller) -> None:
    """To the user in whose session it was asked for, while that is open. Raises Conflict."""

    def act(user: Item) -> None:
        Transaction().add(
            sessions.is_open(principal),
            users.revise(user),
            *store.link(proven, user["id"]),
            record(user["account"], user["id"], "identity.linked", proven.provider, caller),
            notify(user["email"], "identity_linked"),
        ).commit()

    users.revised(users.get(principal.user), act)


def unlink(principal: Principal, provider: str, caller: Caller) -> None:
    """Raises NotFound, or Conflict `last_way_in`."""

    def act(user: Item) -> None:
        listings = {each["provider"]: each for each in store.list_(user["id"])}
        if provider not in listings:
            raise store.unknown_identity()
        passkeys = [each for each in factors.list_(user["id"]) if each["kind"] == "passkey"]
        if len(listings) == 1 and "password_hash" not in user and not passkeys:
            raise Conflict(
                "You sign in by nothing else; set a password first, by a reset.",
                code="last_way_in",
            )
        Transaction().add(
            sessions.is_open(principal),
            users.revise(user),
            *store.unlink(listings[provider]),
            record(user["account"], user["id"], "identity.unlinked", provider, caller),
            notify(user["email"], "identity_unlinked"),
        ).commit()

    users.revised(users.get(principal.user), act)
