"""Identities at other providers by which users sign in.

item      pk                     sk                     index  ttl  retention
identity  IDENTITY#{digest}      IDENTITY               -      -    until unlinked
listing   USER#{user}            IDENTITY#{provider}    -      -    the same

The digest is of provider and subject, and of nothing else: addresses change hands, subjects do not.
Both are written and deleted together. A user has at most one identity at each provider.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from boto3.dynamodb.conditions import Attr

from functions.auth.digests import digest
from functions.auth.settings import settings
from sluice import clock
from sluice.errors import Conflict, NotFound
from sluice.table import Item, Table, Write, absent, sort_key


@dataclass(frozen=True, slots=True)
class Proven:
    """Whom a provider vouches for. `email` is None unless the provider has verified it."""

    provider: str
    subject: str
    email: str | None


def table() -> Table:
    return Table(settings().accounts_table)


def pk_of(provider: str, subject: str) -> str:
    return f"IDENTITY#{digest('identity', f'{provider}:{subject}')}"


def find(proven: Proven) -> Item | None:
    return table().find(pk_of(proven.provider, proven.subject), "IDENTITY")


def list_(user: str) -> list[Item]:
    return table().query(f"USER#{user}", sk=sort_key().begins_with("IDENTITY#")).items


def link(proven: Proven, user: str) -> list[Write]:
    """Raises Conflict `identity_taken` when it is somebody's already, `provider_linked` when the
    user has another one there."""
    pk = pk_of(proven.provider, proven.subject)
    return [
        table().put(
            {"pk": pk, "sk": "IDENTITY", "user": user, "provider": proven.provider},
            when=absent(),
            refused=lambda old: Conflict(
                "This identity signs somebody in already.", code="identity_taken"
            ),
        ),
        table().put(
            {"pk": f"USER#{user}", "sk": f"IDENTITY#{proven.provider}", "identity": pk}
            | {"provider": proven.provider, "email": proven.email or ""}
            | {"linked_ms": clock.now_ms()},
            when=absent(),
            refused=lambda old: Conflict(
                "You have linked another identity of this provider; unlink that first.",
                code="provider_linked",
            ),
        ),
    ]


def unlink(listing: Item) -> list[Write]:
    """As it was listed; one that is not there any more raises NotFound."""
    return [
        table().delete(
            listing["pk"],
            listing["sk"],
            when=Attr("identity").eq(listing["identity"]),
            refused=lambda old: unknown_identity(),
        ),
        table().delete(listing["identity"], "IDENTITY"),
    ]


def unlink_all(listings: Iterable[Item]) -> list[Write]:
    return [write for listing in listings for write in unlink(listing)]


def unknown_identity() -> NotFound:
    return NotFound("You have linked no identity of this provider.")
