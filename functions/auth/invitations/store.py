"""Invitations into organizations.

item        pk                      sk                index  ttl         retention
invitation  INVITATIONS#{account}   INVITATION#{id}   -      its expiry  until accepted or expired
token       INVITED#{digest}        INVITED           -      its expiry  the same

The first is what the organization sees, one for each address: asking again puts another in its
place. The second is how the token of the mail finds it; of that only a digest is stored. Both are
written and deleted together.
"""

from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.conditions import Attr

from functions.auth.settings import settings
from sluice import clock, ids
from sluice.errors import NotFound
from sluice.table import Item, Table, Write, absent

VALID_S = 7 * 24 * 3600
MAX_PENDING = 40
MAX_LISTED = 45
"""Few enough that one transaction ends them all; a few more than may be, since several may be made
at once."""


class InvitedAgainError(Exception):
    """Somebody else invites that address at the moment."""


def table() -> Table:
    return Table(settings().accounts_table)


def id_of(account: str, login: str) -> str:
    return ids.derive("inv", account, login)


def find(account: str, invitation: str) -> Item | None:
    return table().find(f"INVITATIONS#{account}", f"INVITATION#{invitation}")


def find_by_token(digest: str) -> Item | None:
    """The invitation that a mail's token is of, unless it has expired."""
    token = table().find(f"INVITED#{digest}", "INVITED")
    if token is None or token["expires_ms"] <= clock.now_ms():
        return None
    found = find(token["account"], token["invitation"])
    return found if found and found["token"] == digest else None


def list_(account: str) -> list[Item]:
    return table().query(f"INVITATIONS#{account}", limit=MAX_LISTED).items


def put(invitation: Mapping[str, Any], before: Item | None) -> list[Write]:
    """In the place of the one `before` it; raises InvitedAgainError when that is another by now."""
    account, digest = invitation["account"], invitation["token"]
    expires_ms = clock.now_ms() + VALID_S * clock.MS_PER_S
    until = {"expires_ms": expires_ms, "ttl": expires_ms // clock.MS_PER_S}
    is_before = Attr("token").eq(before["token"]) if before else absent()
    writes = [
        table().put(
            {"pk": f"INVITATIONS#{account}", "sk": f"INVITATION#{invitation['id']}"}
            | dict(invitation)
            | until,
            when=is_before,
            refused=lambda old: InvitedAgainError(invitation["id"]),
        ),
        table().put(
            {"pk": f"INVITED#{digest}", "sk": "INVITED", "account": account}
            | {"invitation": invitation["id"]}
            | until,
            when=absent(),
        ),
    ]
    return [*writes, _forget_token(before)] if before else writes


def end(invitation: Item) -> list[Write]:
    """As it was read, once: whoever comes second raises NotFound."""
    return [
        table().delete(
            invitation["pk"],
            invitation["sk"],
            when=Attr("token").eq(invitation["token"]),
            refused=lambda old: unknown_invitation(),
        ),
        _forget_token(invitation),
    ]


def _forget_token(invitation: Item) -> Write:
    return table().delete(f"INVITED#{invitation['token']}", "INVITED")


def unknown_invitation() -> NotFound:
    return NotFound(
        "This invitation is unknown, expired, withdrawn or accepted; ask for another.",
        code="invitation_unknown",
    )
