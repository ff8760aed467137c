"""Who may do what: each permission, and the roles that have it. The only such table.

A permission is `resource:action`; `user` is a resource of one action, and `inference` is to run
models: who may run may read, so it comes with `inference:read` and never without. Routes ask
for permissions (`sluice.principal.require`); a session has those of the role that its user has in
the account, and a key the few that it was given out of `KEY_SCOPES`. `docs/permissions.md` is
written from here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

type Role = Literal["owner", "admin", "developer", "billing", "viewer"]

OWNER: Final = "owner"
"""Everybody's role in their own account."""
INFERENCE: Final = "inference"
OWN_MATTERS: Final = "user"
"""The permission that has nothing to do with accounts."""
ROLES: Final[tuple[Role, ...]] = (OWNER, "admin", "developer", "billing", "viewer")


@dataclass(frozen=True, slots=True)
class Permission:
    """`for_keys`: whether a key may have it too."""

    permits: str
    roles: frozenset[Role]
    for_keys: bool = False


def _of(permits: str, *roles: Role, for_keys: bool = False) -> Permission:
    return Permission(permits, frozenset(roles), for_keys)


PERMISSIONS: Final[dict[str, Permission]] = {
    OWN_MATTERS: _of("one's own sessions, password, e-mail address and second factors", *ROLES),
    "account:read": _of("see the account: its name, kind and owner", *ROLES),
    "account:write": _of("rename the account, and secure it", "owner", "admin"),
    "account:transfer": _of("make another member the owner", "owner"),
    "account:close": _of("close the account, and keep it after all", "owner"),
    "members:read": _of("see who the members are", *ROLES),
    "members:write": _of("invite and remove members, and change roles", "owner", "admin"),
    "audit:read": _of("read the account's audit log", "owner", "admin"),
    "keys:read": _of("list API keys", "owner", "admin", "developer", "viewer"),
    "keys:write": _of("make, rotate and revoke API keys", "owner", "admin", "developer"),
    "inference:read": _of(
        "read models, jobs, results and deliveries",
        *("owner", "admin", "developer", "viewer"),
        for_keys=True,
    ),
    INFERENCE: _of(
        "run, cancel and delete jobs, and change uploads and webhooks",
        *("owner", "admin", "developer"),
        for_keys=True,
    ),
    "billing:read": _of(
        "read the balance and its lines", "owner", "admin", "billing", for_keys=True
    ),
    "content:read": _of(
        "read the verdicts of moderation", "owner", "admin", "developer", "viewer", for_keys=True
    ),
}

KEY_SCOPES: Final = frozenset(name for name, each in PERMISSIONS.items() if each.for_keys)


def of_key(scopes: Iterable[str]) -> frozenset[str]:
    """What a key of these scopes may do: one that may run may read."""
    given = frozenset(scopes)
    return given | {"inference:read"} if INFERENCE in given else given


def of_role(role: str) -> frozenset[str]:
    """What a role may do; one that nobody knows may do nothing."""
    return frozenset(name for name, each in PERMISSIONS.items() if role in each.roles)


def check_known(*permissions: str) -> None:
    """Raises ValueError for a word that is no permission: a route that asks for it is wrong."""
    if unknown := set(permissions) - PERMISSIONS.keys():
        raise ValueError(f"no permission of ours: {', '.join(sorted(unknown))}")
