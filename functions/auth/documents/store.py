"""Acceptances of documents.

item        pk            sk                             index  ttl  retention
acceptance  USER#{user}   ACCEPT#{document}#{version}    -      -    life of the user

Who accepted which version, when and from where, once for each. What of it counts for a request
stands in the user's item, and is copied into the sessions and into the keys of the accounts that
the user owns, where `sluice.principal` reads it.
"""

from collections.abc import Mapping
from itertools import batched

from functions.auth.keys.listing import live
from functions.auth.settings import settings
from sluice.errors import NotFound
from sluice.permissions import OWNER
from sluice.table import Item, Table, Transaction, Write, exists, sort_key

BATCH = 20


def _table() -> Table:
    return Table(settings().accounts_table)


def put(user: str, accepted: Mapping[str, str], address: str, at_ms: int) -> list[Write]:
    """Said twice it is noted as it was said last."""
    return [
        _table().put(
            {"pk": f"USER#{user}", "sk": f"ACCEPT#{document}#{version}", "user": user}
            | {"document": document, "version": version}
            | {"accepted_ms": at_ms, "address": address}
        )
        for document, version in accepted.items()
    ]


def list_(user: str) -> list[Item]:
    """The newest of each document first."""
    acceptances = sort_key().begins_with("ACCEPT#")
    return _table().query(f"USER#{user}", sk=acceptances, newest_first=True).items


def tell_keys(user: str, accepted: Mapping[str, str]) -> None:
    """The keys of the accounts that the user owns; again, concurrently and late it does no harm."""
    for account in _owned(user):
        credentials = (listing["credential"] for listing in live(account))
        for some in batched(credentials, BATCH, strict=False):
            _tell(some, accepted)


def _owned(user: str) -> list[str]:
    own = _table().find(f"USER#{user}", "USER")
    memberships = _table().query(f"USER#{user}", sk=sort_key().begins_with("MEMBER#")).items
    owned = [each["account"] for each in memberships if each["role"] == OWNER]
    return [own["account"], *owned] if own else owned


def _tell(credentials: tuple[str, ...], accepted: Mapping[str, str]) -> None:
    try:
        Transaction().add(*[_note(credential, accepted) for credential in credentials]).commit()
    except NotFound:  # one of them has just gone
        for credential in credentials:
            _note(credential, accepted).send() if _table().find(credential, "KEY") else None


def _note(credential: str, accepted: Mapping[str, str]) -> Write:
    return _table().update(
        credential,
        "KEY",
        set_={"accepted": dict(accepted)},
        when=exists(),
        refused=lambda old: NotFound("That key is gone."),
    )
