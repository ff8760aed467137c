"""Who may act for an organization.

item        pk                  sk                 index  ttl  retention
member      MEMBERS#{account}   USER#{user}        -      -    until removed
membership  USER#{user}         MEMBER#{account}   -      -    the same

The first is what `sluice.principal` reads; the second is how a user's organizations are found. Both
are written and deleted together, with the count of members in the account's item. Exactly one
member is the owner, whom the account's item names too.
"""

from boto3.dynamodb.conditions import Attr

from functions.auth.settings import settings
from sluice import clock
from sluice.errors import Conflict, NotFound
from sluice.permissions import OWNER
from sluice.table import Item, Table, Write, absent, sort_key

MAX_MEMBERS = 100
MAX_ORGANIZATIONS = 20
"""Of one user; few enough to be read and changed at once."""


def table() -> Table:
    return Table(settings().accounts_table)


def find(account: str, user: str) -> Item | None:
    return table().find(f"MEMBERS#{account}", f"USER#{user}")


def get(account: str, user: str) -> Item:
    """Raises NotFound."""
    member = find(account, user)
    if member is None:
        raise unknown_member(None)
    return member


def list_(account: str) -> list[Item]:
    """All members of an account, by their ids; of a personal account none."""
    return table().query(f"MEMBERS#{account}", limit=MAX_MEMBERS).items


def list_of(user: str) -> list[Item]:
    """All of a user's memberships."""
    return table().query(f"USER#{user}", sk=sort_key().begins_with("MEMBER#")).items


def join(account: str, user: Item, role: str) -> list[Write]:
    """Without the count. One who is a member already raises Conflict `already_member`."""
    now_ms = clock.now_ms()
    common = {"account": account, "user": user["id"], "role": role, "since_ms": now_ms}
    return [
        table().put(
            {"pk": f"MEMBERS#{account}", "sk": f"USER#{user['id']}", "email": user["email"]}
            | common,
            when=absent(),
            refused=lambda old: already_member(),
        ),
        table().put({"pk": user["pk"], "sk": f"MEMBER#{account}"} | common, when=absent()),
    ]


def count_in(account: str) -> Write:
    """One member more; beyond the most that may be, Conflict `too_many_members`."""
    return table().update(
        f"ACCOUNT#{account}",
        "ACCOUNT",
        add={"members": 1},
        when=Attr("members").lt(MAX_MEMBERS) & Attr("closed_ms").not_exists(),
        refused=lambda old: Conflict(
            f"An organization has at most {MAX_MEMBERS} members.", code="too_many_members"
        ),
    )


def part(member: Item) -> list[Write]:
    """The end of a membership as it was read, and its count. The owner's raises Conflict
    `owner_stays`, one that has changed meanwhile NotFound."""
    account, user = member["account"], member["user"]
    return [
        table().delete(
            f"MEMBERS#{account}",
            f"USER#{user}",
            when=Attr("role").eq(member["role"]) & Attr("role").ne(OWNER),
            refused=_owner_stays,
        ),
        table().delete(f"USER#{user}", f"MEMBER#{account}"),
        table().update(f"ACCOUNT#{account}", "ACCOUNT", add={"members": -1}),
    ]


def forget_owner(account: str, owner: str) -> list[Write]:
    """The last membership of an account that closes; where `owner` is not it any more, raises
    Conflict `owner_stays`."""
    return [
        table().delete(
            f"MEMBERS#{account}",
            f"USER#{owner}",
            when=Attr("role").eq(OWNER),
            refused=lambda old: owner_stays(),
        ),
        table().delete(f"USER#{owner}", f"MEMBER#{account}"),
    ]


def change_role(account: str, user: str, role: str, *, was_owner: bool = False) -> list[Write]:
    """The owner's raises Conflict `owner_stays`, unless it is the owner's that is to change;
    whoever is no member raises NotFound."""
    is_it = Attr("role").eq(OWNER) if was_owner else Attr("role").exists() & Attr("role").ne(OWNER)
    return [
        table().update(
            f"MEMBERS#{account}",
            f"USER#{user}",
            set_={"role": role},
            when=is_it,
            refused=_owner_stays,
        ),
        table().update(f"USER#{user}", f"MEMBER#{account}", set_={"role": role}),
    ]


def set_budget(account: str, user: str, budget: Item | None, *, by_owner: bool) -> Write:
    """None takes it away. The owner's raises Conflict `owner_stays`, unless it is changed
    `by_owner`; whoever is no member raises NotFound."""
    may = Attr("role").exists() if by_owner else Attr("role").exists() & Attr("role").ne(OWNER)
    return table().update(
        f"MEMBERS#{account}",
        f"USER#{user}",
        set_=None if budget is None else {"budget": budget},
        remove=["budget"] if budget is None else [],
        when=may,
        refused=_owner_stays,
    )


def hand_over(account: str, owner: str, to: str) -> Write:
    """The account's item names another owner; where `owner` is not it any more, Conflict
    `owner_stays`."""
    return table().update(
        f"ACCOUNT#{account}",
        "ACCOUNT",
        set_={"owner": to},
        when=Attr("owner").eq(owner) & Attr("members").exists(),
        refused=lambda old: owner_stays(),
    )


def readdress(user: str, email: str, memberships: list[Item]) -> list[Write]:
    """The members' lists show another address."""
    return [
        table().update(
            f"MEMBERS#{membership['account']}",
            f"USER#{user}",
            set_={"email": email},
            when=Attr("role").exists(),
            refused=unknown_member,
        )
        for membership in memberships
    ]


def unknown_member(_old: Item | None) -> NotFound:
    return NotFound("The account has no such member.")


def already_member() -> Conflict:
    return Conflict("That person is a member already.", code="already_member")


def owner_stays() -> Conflict:
    return Conflict(
        "The owner's role stays, and the owner stays, until another member is made the owner.",
        code="owner_stays",
    )


def _owner_stays(old: Item | None) -> Exception:
    return owner_stays() if old and old["role"] == OWNER else unknown_member(old)
