"""Adding and removing second factors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.auth.attempts.store import Limit, take
from functions.auth.audit.store import record
from functions.auth.factors import passkeys, recovery, store, totp
from functions.auth.mail.store import notify
from functions.auth.sessions import store as sessions
from functions.auth.users import store as users
from sluice import ids
from sluice.caller import Caller
from sluice.errors import Conflict, NotFound
from sluice.principal import Principal
from sluice.table import Item, Transaction, Write

# Whoever confirms an app has a session already; guesses are bounded all the same.
_CONFIRMED = Limit("factor-confirm", 20, 600)
_CEREMONIES = Limit("ceremony", 60, 600)


@dataclass(frozen=True, slots=True)
class Seed:
    """For an app to be set up; shown this once."""

    seed: str
    uri: str


@dataclass(frozen=True, slots=True)
class Added:
    """`recovery_codes` come with the first factor only."""

    factor: str
    recovery_codes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Ceremony:
    id: str
    options: Mapping[str, Any]


def list_(owner: Principal) -> tuple[list[Item], int]:
    """The user's factors, and how many recovery codes are unused."""
    kept = store.find_codes(owner.user)
    left = list(kept["codes"].values()).count("unused") if kept else 0
    return store.list_(owner.user), left


def begin_totp(owner: Principal) -> Seed:
    """A seed that counts once it is confirmed; an earlier unconfirmed one ends. Raises Conflict
    `totp_exists`."""
    user = users.get(owner.user)
    _check_no_app(user["id"])
    seed = totp.new_seed()
    store.pend_seed(user["id"], totp.seal(seed, user["id"])).send()
    return Seed(seed, totp.uri(seed, user["email"], passkeys.NAME))


def _check_no_app(user: str) -> None:
    if any(factor["kind"] == "totp" for factor in store.list_(user)):
        raise Conflict("You have an authenticator app; remove it first.", code="totp_exists")


def confirm_totp(owner: Principal, code: str, caller: Caller) -> Added:
    """The app shows the right codes, so it is a factor now. Raises InvalidInput `invalid_code`."""
    take(_CONFIRMED, owner.user)
    pending = store.find_seed(owner.user)
    if pending is None:
        raise store.wrong_code()
    step = totp.find_step(totp.unseal(pending["sealed"], owner.user), code)
    if step is None:
        raise store.wrong_code()
    _check_no_app(owner.user)
    fields = {
        "kind": "totp",
        "name": "Authenticator app",
        "sealed": pending["sealed"],
        "step": step,
    }
    return _add(owner, fields, [store.redeem_seed(owner.user, pending["sealed"])], caller)


def begin_passkey(owner: Principal) -> Ceremony:
    """Options for the browser, for this session alone."""
    take(_CEREMONIES, owner.user)
    user, challenge = users.get(owner.user), passkeys.new_challenge()
    known = [bytes.fromhex(each["credential"]) for each in _passkeys(user["id"])]
    options = passkeys.registration_options(user["id"], user["email"], challenge, known)
    ceremony = ids.new("cer")
    store.pend_ceremony(ceremony, "registration", owner.credential, challenge).send()
    return Ceremony(ceremony, options)


def _passkeys(user: str) -> list[Item]:
    return [factor for factor in store.list_(user) if factor["kind"] == "passkey"]


def add_passkey(
    owner: Principal, ceremony: str, name: str, credential: Mapping[str, Any], caller: Caller
) -> Added:
    """Raises InvalidInput `invalid_passkey`, Forbidden for a ceremony that is not this session's,
    Conflict `passkey_known`."""
    challenge = store.find_ceremony(ceremony, "registration", owner.credential)
    made = passkeys.register(credential, challenge)
    digest = passkeys.digest_of(made.credential)
    fields = {"kind": "passkey", "name": name, "digest": digest, "count": made.count}
    fields |= {"credential": made.credential.hex(), "public": made.public.hex()}
    return _add(owner, fields, [store.end_ceremony(ceremony)], caller)


def ask_passkey(purpose: str, subject: str, user: str | None) -> Ceremony:
    """Options for proving a passkey: one of `user`'s, or of whoever has one for us (None)."""
    challenge, ceremony = passkeys.new_challenge(), ids.new("cer")
    known = [bytes.fromhex(each["credential"]) for each in _passkeys(user)] if user else []
    store.pend_ceremony(ceremony, purpose, subject, challenge).send()
    return Ceremony(ceremony, passkeys.assertion_options(challenge, known))


def ask_for_step_up(owner: Principal) -> Ceremony:
    take(_CEREMONIES, owner.user)
    return ask_passkey("second-factor", owner.credential, owner.user)


def _add(owner: Principal, fields: dict[str, Any], with_it: list[Write], caller: Caller) -> Added:
    def act(user: Item) -> Added:
        factor = ids.new("fct")
        codes = [] if store.count_of(user) else recovery.new_codes()
        claimed = (
            [store.claim_passkey(fields["digest"], user["id"], factor)]
            if fields["kind"] == "passkey"
            else []
        )
        Transaction().add(
            *with_it,
            *store.add(user, factor, fields),
            *claimed,
            *_keep_codes(user["id"], codes),
            sessions.is_open(owner),
            record(owner.account, user["id"], "factor.added", factor, caller),
            notify(user["email"], "factor_added"),
        ).commit()
        return Added(factor, codes)

    return users.revised(users.get(owner.user), act)


def _keep_codes(user: str, codes: Sequence[str]) -> list[Write]:
    digests = [recovery.digest_of(user, code) for code in codes]
    return [store.put_codes(user, digests)] if digests else []


def remove(owner: Principal, factor: str, caller: Caller) -> None:
    """Raises NotFound."""

    def act(user: Item) -> None:
        found = next((each for each in store.list_(user["id"]) if each["id"] == factor), None)
        if found is None:
            raise store.unknown_factor()
        Transaction().add(
            *store.remove(user, found),
            sessions.is_open(owner),
            record(owner.account, user["id"], "factor.removed", factor, caller),
            notify(user["email"], "factor_removed"),
        ).commit()

    users.revised(users.get(owner.user), act)


def renew_codes(owner: Principal, caller: Caller) -> Sequence[str]:
    """Ten new recovery codes; the old ones end. Raises NotFound for a user without factors, who
    needs none."""

    def act(user: Item) -> Sequence[str]:
        if not store.count_of(user):
            raise NotFound("You have no second factor that codes could stand in for.")
        codes = recovery.new_codes()
        Transaction().add(
            users.revise(user),
            *_keep_codes(user["id"], codes),
            sessions.is_open(owner),
            record(owner.account, user["id"], "recovery_codes.made", user["id"], caller),
        ).commit()
        return codes

    return users.revised(users.get(owner.user), act)
