"""Second factors, and what proves one.

item      pk                 sk                index  ttl         retention
factor    USER#{user}        FACTOR#{id}       -      -           until removed
seed      USER#{user}        SEED              -      its expiry  until confirmed, replaced, expired
codes     USER#{user}        RECOVERY          -      -           until made anew, or unneeded
passkey   PASSKEY#{digest}   PASSKEY           -      -           as its factor
ceremony  CEREMONY#{id}      CEREMONY          -      its expiry  until used, or expired

A factor is an authenticator app (`totp`, of which a user has one) or a `passkey`. The user's own
item counts them, so that signing in learns with what it reads anyway whether to ask for one; what
adds or removes one revises that item. A passkey is also found by its credential's digest, since it
may say by itself whose it is. Seeds of apps are encrypted, recovery codes only digested.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.conditions import Attr

from functions.auth.settings import settings
from functions.auth.users.store import revise
from sluice import clock
from sluice.errors import Conflict, Forbidden, InvalidInput, NotFound
from sluice.table import Item, Table, Write, absent, exists, sort_key

MAX_FACTORS = 10
SEED_VALID_S = 15 * 60
CEREMONY_VALID_S = 5 * 60


@dataclass(frozen=True, slots=True)
class Passkey:
    """A credential's public half: `credential` its id, `public` its key (COSE), `count` how often
    it says that it was used."""

    credential: bytes
    public: bytes
    count: int


def _table() -> Table:
    return Table(settings().accounts_table)


def list_(user: str) -> list[Item]:
    """At most MAX_FACTORS, the oldest first."""
    return _table().query(f"USER#{user}", sk=sort_key().begins_with("FACTOR#")).items


def count_of(user: Item) -> int:
    return int(user.get("factors", 0))


def add(user: Item, factor: str, fields: dict[str, Any]) -> list[Write]:
    """One more; raises Conflict beyond MAX_FACTORS."""
    if count_of(user) >= MAX_FACTORS:
        raise Conflict(
            f"You have {MAX_FACTORS} factors; remove one first.", code="too_many_factors"
        )
    common = {"pk": user["pk"], "sk": f"FACTOR#{factor}", "id": factor, "user": user["id"]}
    return [
        revise(user, {"factors": count_of(user) + 1}),
        _table().put(common | fields | {"created_ms": clock.now_ms()}, when=absent()),
    ]


def remove(user: Item, factor: Item) -> list[Write]:
    """One less; with the last the recovery codes go. Removed twice raises NotFound."""
    left = count_of(user) - 1
    writes = [
        revise(user, {"factors": left}),
        _table().delete(
            factor["pk"], factor["sk"], when=exists(), refused=lambda old: unknown_factor()
        ),
    ]
    if factor["kind"] == "passkey":
        writes.append(_table().delete(f"PASSKEY#{factor['digest']}", "PASSKEY"))
    return writes if left else [*writes, _table().delete(user["pk"], "RECOVERY")]


def forget(user: str, factors: Sequence[Item]) -> list[Write]:
    """Whatever factors there are end, with codes and seed; the user's own item is not counted."""
    writes = [_table().delete(f"USER#{user}", sk) for sk in ("RECOVERY", "SEED")]
    for factor in factors:
        writes.append(_table().delete(factor["pk"], factor["sk"]))
        if factor["kind"] == "passkey":
            writes.append(_table().delete(f"PASSKEY#{factor['digest']}", "PASSKEY"))
    return writes


def unknown_factor() -> NotFound:
    return NotFound("You have no such factor.")


# --- authenticator apps ---


def pend_seed(user: str, sealed: str) -> Write:
    expires_ms = clock.now_ms() + SEED_VALID_S * clock.MS_PER_S
    return _table().put(
        {"pk": f"USER#{user}", "sk": "SEED", "sealed": sealed, "expires_ms": expires_ms}
        | {"ttl": expires_ms // clock.MS_PER_S}
    )


def find_seed(user: str) -> Item | None:
    return _table().find(f"USER#{user}", "SEED")


def redeem_seed(user: str, sealed: str) -> Write:
    """The seed's end, once: whoever comes second, or late, raises InvalidInput."""
    return _table().delete(
        f"USER#{user}",
        "SEED",
        when=Attr("sealed").eq(sealed) & Attr("expires_ms").gt(clock.now_ms()),
        refused=lambda old: wrong_code(),
    )


def use_step(factor: Item, step: int) -> Write:
    """A time step is good for one proof (RFC 6238, 5.2); used again it raises Forbidden."""
    return _table().update(
        factor["pk"],
        factor["sk"],
        set_={"step": step, "used_ms": clock.now_ms()},
        when=Attr("step").lt(step),
        refused=lambda old: wrong_factor(),
    )


def wrong_code() -> InvalidInput:
    return InvalidInput("This code is wrong or expired.", code="invalid_code")


def wrong_factor() -> Forbidden:
    """One refusal for whatever proves nothing: wrong, used before, another's."""
    return Forbidden("This does not prove a second factor.", code="wrong_second_factor")


# --- recovery codes ---


def put_codes(user: str, digests: Sequence[str]) -> Write:
    """In the place of all earlier ones."""
    return _table().put(
        {"pk": f"USER#{user}", "sk": "RECOVERY", "codes": dict.fromkeys(digests, "unused")}
        | {"created_ms": clock.now_ms()}
    )


def find_codes(user: str) -> Item | None:
    return _table().find(f"USER#{user}", "RECOVERY")


def use_code(user: str, digest: str) -> Write:
    """Once; otherwise raises Forbidden."""
    return _table().update(
        f"USER#{user}",
        "RECOVERY",
        set_={("codes", digest): "used"},
        when=Attr(f"codes.{digest}").eq("unused"),
        refused=lambda old: wrong_factor(),
    )


# --- passkeys ---


def claim_passkey(digest: str, user: str, factor: str) -> Write:
    """A credential is one user's; one that is known raises Conflict."""
    return _table().put(
        {"pk": f"PASSKEY#{digest}", "sk": "PASSKEY", "user": user, "factor": factor},
        when=absent(),
        refused=lambda old: Conflict("This passkey is registered already.", code="passkey_known"),
    )


def find_passkey(digest: str) -> Item | None:
    """The factor of a credential, whoever's it is."""
    claim = _table().find(f"PASSKEY#{digest}", "PASSKEY")
    return _table().find(f"USER#{claim['user']}", f"FACTOR#{claim['factor']}") if claim else None


def use_passkey(factor: Item, count: int) -> Write:
    """With how often the authenticator says it was used: it may not know (0), but never less than
    before, or there is a copy of it. Raises Forbidden."""
    advanced = Attr("count").lt(count) if count else Attr("count").eq(0)
    return _table().update(
        factor["pk"],
        factor["sk"],
        set_={"count": count, "used_ms": clock.now_ms()},
        when=advanced,
        refused=lambda old: wrong_factor(),
    )


def pend_ceremony(ceremony: str, purpose: str, subject: str, challenge: bytes) -> Write:
    """`subject` is whom it is for: a session, a ticket, or nobody yet (empty)."""
    expires_ms = clock.now_ms() + CEREMONY_VALID_S * clock.MS_PER_S
    return _table().put(
        {"pk": f"CEREMONY#{ceremony}", "sk": "CEREMONY", "purpose": purpose, "subject": subject}
        | {"challenge": challenge.hex(), "expires_ms": expires_ms}
        | {"ttl": expires_ms // clock.MS_PER_S},
        when=absent(),
    )


def find_ceremony(ceremony: str, purpose: str, subject: str) -> bytes:
    """Its challenge; raises Forbidden for one of another purpose or subject, or expired."""
    found = _table().find(f"CEREMONY#{ceremony}", "CEREMONY")
    if (
        found is None
        or (found["purpose"], found["subject"]) != (purpose, subject)
        or found["expires_ms"] <= clock.now_ms()
    ):
        raise wrong_factor()
    return bytes.fromhex(found["challenge"])


def end_ceremony(ceremony: str) -> Write:
    """Once; otherwise raises Forbidden."""
    return _table().delete(
        f"CEREMONY#{ceremony}", "CEREMONY", when=exists(), refused=lambda old: wrong_factor()
    )
