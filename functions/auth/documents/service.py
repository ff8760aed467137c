"""The documents that people accept: at sign-up, and again when there is another version."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from functions.auth.audit.store import record
from functions.auth.documents import store
from functions.auth.mail.store import notify
from functions.auth.sessions import store as sessions
from functions.auth.users import store as users
from sluice import clock, documents
from sluice.caller import Caller
from sluice.errors import InvalidInput, NotFound
from sluice.principal import Principal, forget_cached
from sluice.table import Item, Transaction

FOLDER: Final = Path(__file__).parents[3] / "docs" / "policies"
FILES: Final = {"terms": "terms-of-service.md", "privacy": "privacy-policy.md"}


def check_current(accepted: Mapping[str, str]) -> None:
    """Raises InvalidInput `document_not_current`, naming the version to accept, unless `accepted`
    names the current version of every document."""
    stale = {
        each.name: each.version
        for each in documents.current()
        if accepted.get(each.name) != each.version
    }
    if stale:
        raise InvalidInput(
            "Accept the current version of each document; `errors` names them.",
            code="document_not_current",
            errors=[
                {"pointer": f"/body/accept/{name}", "message": f"The current version is {now}."}
                for name, now in stale.items()
            ],
        )


def text(document: str) -> str:
    """The current version, in Markdown. Raises NotFound."""
    if document not in FILES:
        raise NotFound("There is no such document.")
    return (FOLDER / FILES[document]).read_text(encoding="utf-8")


def accept(principal: Principal, accepted: Mapping[str, str], caller: Caller) -> None:
    """The user's acceptance, with which every live session of theirs goes on; then the keys of the
    accounts that they own, in as many transactions as they need. Should this process die before,
    `followups.py` does the rest. Raises InvalidInput `document_not_current`."""
    check_current(accepted)
    user = users.get(principal.user)
    users.revised(user, lambda now: _accept(now, accepted, principal, caller))
    store.tell_keys(principal.user, accepted)
    forget_cached()


def _accept(user: Item, accepted: Mapping[str, str], principal: Principal, caller: Caller) -> None:
    live = filter(sessions.is_live, sessions.list_(user["id"]))
    facts = {"user": user["id"], "accepted": dict(accepted)}
    Transaction().add(
        sessions.is_open(principal),
        users.revise(user, {"accepted": dict(accepted)}),
        *store.put(user["id"], accepted, caller.address, clock.now_ms()),
        *[sessions.note_acceptance(listing, accepted) for listing in live],
        record(user["account"], user["id"], "documents.accepted", user["id"], caller),
        notify(user["email"], "documents_accepted", facts),
    ).commit()


def history(principal: Principal) -> list[Item]:
    """Every acceptance of the user's."""
    return store.list_(principal.user)
