"""That somebody has a user's second factor: what is checked, and what must be written with
whatever the proof permits, so that none is good twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.auth.attempts.store import Limit, count, network, take
from functions.auth.audit.store import record
from functions.auth.factors import passkeys, recovery, store, totp
from functions.auth.factors.store import Passkey, wrong_factor
from functions.auth.mail.store import notify
from sluice.caller import Caller
from sluice.table import Item, Write

# As with passwords: whoever guesses is stopped where he guesses from, and the owner elsewhere keeps
# a few attempts however hard the account is attacked. Six digits bear fewer guesses in all.
_ATTACKED = Limit("factor", 30, 3600)
_HERE = Limit("factor-here", 10, 600)
_HERE_WHILE_ATTACKED = Limit("factor-here", 3, 600)


@dataclass(frozen=True, slots=True)
class Proof:
    """One of the three: an app's `code`, a `recovery_code`, or the answer of a passkey (its
    `credential`) to the `ceremony` that asked it."""

    code: str | None = None
    recovery_code: str | None = None
    ceremony: str = ""
    credential: Mapping[str, Any] | None = None


def check(user: Item, proof: Proof, subject: str, caller: Caller) -> list[Write]:
    """What to commit with what this proof permits; those writes refuse a proof that was used
    meanwhile. `subject` is whom a passkey's ceremony was for. Raises Forbidden
    `wrong_second_factor`, RateLimited."""
    _limit(user["id"], caller)
    if proof.credential is not None:
        return _check_passkey(user, proof, subject)
    if proof.recovery_code is not None:
        return _check_recovery(user, proof.recovery_code, caller)
    return _check_code(user, proof.code or "")


def _limit(user: str, caller: Caller) -> None:
    here = network(caller.address)
    attacked = count(_ATTACKED, user) > _ATTACKED.count
    take(_HERE_WHILE_ATTACKED if attacked else _HERE, user, here)


def _check_code(user: Item, code: str) -> list[Write]:
    for factor in store.list_(user["id"]):
        if factor["kind"] == "totp":
            step = totp.find_step(totp.unseal(factor["sealed"], user["id"]), code)
            if step is not None and step > factor["step"]:
                return [store.use_step(factor, step)]
    raise wrong_factor()


def _check_recovery(user: Item, code: str, caller: Caller) -> list[Write]:
    digest = recovery.digest_of(user["id"], code)
    kept = store.find_codes(user["id"])
    if kept is None or kept["codes"].get(digest) != "unused":
        raise wrong_factor()
    return [
        store.use_code(user["id"], digest),
        record(user["account"], user["id"], "recovery_code.used", user["id"], caller),
        notify(user["email"], "recovery_code_used"),
    ]


def _check_passkey(user: Item, proof: Proof, subject: str) -> list[Write]:
    factor, writes = find_passkey(proof, "second-factor", subject)
    if factor["user"] != user["id"]:
        raise wrong_factor()
    return writes


def find_passkey(proof: Proof, purpose: str, subject: str) -> tuple[Item, list[Write]]:
    """The factor that a passkey's answer proves, whoever's it is, and what to commit with it.
    Raises Forbidden."""
    credential = proof.credential or {}
    challenge = store.find_ceremony(proof.ceremony, purpose, subject)
    factor = store.find_passkey(passkeys.digest_of(passkeys.credential_of(credential)))
    if factor is None:
        raise wrong_factor()
    used = passkeys.check(credential, challenge, passkey_of(factor))
    return factor, [store.end_ceremony(proof.ceremony), store.use_passkey(factor, used)]


def passkey_of(factor: Item) -> Passkey:
    return Passkey(
        bytes.fromhex(factor["credential"]), bytes.fromhex(factor["public"]), factor["count"]
    )
