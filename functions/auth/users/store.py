"""Users, their logins and their personal accounts.

item        pk                  sk            index  ttl   retention
sign-up     SIGNUP#{login}      {sign-up}     -      24 h  until verified, or 24 h
login       LOGIN#{login}       LOGIN         -      -     life of the user
user        USER#{user}         USER          -      -     life of the user
account     ACCOUNT#{account}   ACCOUNT       -      -     life of the account

`login` is a keyed digest of the e-mail address. A sign-up holds no login: whoever proves the
mailbox first takes it, and until then everybody's sign-ups stand beside one another, each with its
own password and code, so that nobody can prepare an account for somebody else. A known address
gets such an item too, one that can never be verified: what one does and sees is then the same.

`revision` of a user counts its changes and what was done to its sessions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.conditions import Attr

from functions.auth.documents import store as documents
from functions.auth.settings import settings
from sluice import clock
from sluice.errors import InvalidInput, NotFound, Unavailable
from sluice.table import Item, Table, Write, absent, exists

SIGN_UP_RETENTION_S = 24 * 3600
MAX_CODE_ATTEMPTS = 5
MAX_SIGN_UPS_READ = 25
"""More than one address may have within a code's life."""
MAX_SIGN_UPS_TRIED = 5
MAX_PLANS = 8
"""Each plan that is refused found another's change done."""


@dataclass(frozen=True, slots=True)
class SignUp:
    """A registration whose mailbox is not proven yet. `code` and `browser` are digests."""

    id: str
    login: str
    email: str
    password_hash: str
    accepted: Mapping[str, str]
    address: str
    browser: str
    code: str
    code_expires_ms: int
    created_ms: int


@dataclass(frozen=True, slots=True)
class NewUser:
    """Somebody whose mailbox is proven. Who signs in by another provider has no `password_hash`;
    `attested_ms` is when age and documents were agreed to, from `address`."""

    id: str
    account: str
    person: str
    login: str
    email: str
    password_hash: str | None
    accepted: Mapping[str, str]
    address: str
    attested_ms: int


class CodeSpentError(Exception):
    """The code expired, was tried too often, or was used."""


class RevisedError(Exception):
    """The user's item is no longer as it was read."""


def wrong_code() -> InvalidInput:
    """One refusal for all that may be wrong with a code, or it would tell who signed up."""
    return InvalidInput(
        "This code is wrong, expired, used or tried too often; ask for a new one.",
        code="invalid_code",
    )


def table() -> Table:
    return Table(settings().accounts_table)


def is_known(login: str) -> bool:
    return table().find(f"LOGIN#{login}", "LOGIN") is not None


def find_owner(login: str) -> Item | None:
    """The user who signs in as `login`; two reads whether or not there is one. Who is closed is
    none."""
    claim = table().find(f"LOGIN#{login}", "LOGIN")
    user = table().find(f"USER#{claim['user'] if claim else 'nobody'}", "USER")
    return user if user and not is_closed(user) else None


def is_closed(user: Item) -> bool:
    """Whether the user went with their account (`closing/`)."""
    return "closed_ms" in user


def is_login_of(login: str, user: str) -> Write:
    """A condition; a login that is another user's by now raises InvalidInput."""
    return table().check(
        f"LOGIN#{login}",
        "LOGIN",
        when=Attr("user").eq(user),
        refused=lambda old: wrong_code(),
    )


def get(user: str) -> Item:
    """Raises NotFound."""
    item = table().find(f"USER#{user}", "USER")
    if item is None:
        raise NotFound("There is no such user.")
    return item


def revise(user: Item, set_: Mapping[str, Any] | None = None, remove: Sequence[str] = ()) -> Write:
    """Change a user as it was read, or nothing of it but its count of revisions: so whatever else
    stands in the transaction is of no other revision either. Otherwise raises RevisedError."""
    return table().update(
        user["pk"],
        "USER",
        set_=set_,
        add={"revision": 1},
        remove=remove,
        when=Attr("revision").eq(user["revision"]),
        refused=lambda old: RevisedError(user["id"]),
    )


def revised[T](user: Item, act: Callable[[Item], T]) -> T:
    """`act` on the user as it stands, anew when somebody else revised it meanwhile. Raises
    Unavailable under contention."""
    for _ in range(MAX_PLANS):
        try:
            return act(user)
        except RevisedError:
            user = get(user["id"])
    raise Unavailable("Others change this user at the moment; try again.", retry_after_s=1)


def list_sign_ups(login: str, browser: str | None) -> list[SignUp]:
    """The newest first; those of `browser` alone where it made some, so that a code that somebody
    else's sign-up sent here does not pass in it."""
    page = table().query(f"SIGNUP#{login}", limit=MAX_SIGN_UPS_READ, newest_first=True)
    found = [_sign_up(item) for item in page.items]
    own = [sign_up for sign_up in found if sign_up.browser == browser]
    return (own or found)[:MAX_SIGN_UPS_TRIED]


def _sign_up(item: Item) -> SignUp:
    return SignUp(**{name: item[name] for name in SignUp.__slots__})


def pend(sign_up: SignUp) -> Write:
    fields = {name: getattr(sign_up, name) for name in SignUp.__slots__}
    keys = {"pk": f"SIGNUP#{sign_up.login}", "sk": sign_up.id, "attempts": 0}
    return table().put(keys | fields | {"ttl": clock.now_s() + SIGN_UP_RETENTION_S}, when=absent())


def renew_code(sign_up: SignUp, code: str, expires_ms: int) -> Write:
    return table().update(
        f"SIGNUP#{sign_up.login}",
        sign_up.id,
        set_={"code": code, "code_expires_ms": expires_ms, "attempts": 0},
        when=exists(),
        refused=lambda old: CodeSpentError(sign_up.id),
    )


def try_code(sign_up: SignUp) -> Write:
    """Counts before anybody compares, so that parallel guesses are counted too."""
    return table().update(
        f"SIGNUP#{sign_up.login}",
        sign_up.id,
        add={"attempts": 1},
        when=exists()
        & Attr("attempts").lt(MAX_CODE_ATTEMPTS)
        & Attr("code_expires_ms").gt(clock.now_ms()),
        refused=lambda old: CodeSpentError(sign_up.id),
    )


def redeem(sign_up: SignUp) -> Write:
    """The end of a sign-up, once, by its code; otherwise raises InvalidInput."""
    return table().delete(
        f"SIGNUP#{sign_up.login}",
        sign_up.id,
        when=Attr("code").eq(sign_up.code),
        refused=lambda old: wrong_code(),
    )


def create(new: NewUser, *, taken: Callable[[Item | None], Exception]) -> list[Write]:
    """The user, the personal account and the acceptances; a login that has a user already raises
    what `taken` makes."""
    password = {"password_hash": new.password_hash} if new.password_hash else {}
    return [
        table().put(
            {"pk": f"LOGIN#{new.login}", "sk": "LOGIN", "user": new.id},
            when=absent(),
            refused=taken,
        ),
        table().put(
            {"pk": f"USER#{new.id}", "sk": "USER", "id": new.id, "account": new.account}
            | {"email": new.email, "verified_ms": clock.now_ms(), "person": new.person}
            | {"revision": 0, "attested_ms": new.attested_ms, "accepted": dict(new.accepted)}
            | password,
            when=absent(),
        ),
        open_account(new.account, new.id),
        *documents.put(new.id, new.accepted, new.address, new.attested_ms),
    ]


def open_account(account: str, owner: str) -> Write:
    """A user's own."""
    return table().put(
        {"pk": f"ACCOUNT#{account}", "sk": "ACCOUNT", "id": account, "kind": "personal"}
        | {"owner": owner, "epoch": 0, "keys": 0, "created_ms": clock.now_ms()},
        when=absent(),
    )
