"""Who a request acts as: found from an API key or a session by one consistent read.

Only an HMAC of a credential is stored, so the table betrays none. A found principal is kept for
at most three seconds, which bounds how long a revoked credential still works.
"""

import base64
import hashlib
import hmac
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from sluice import clock, ids, secret
from sluice.documents import are_binding
from sluice.errors import Forbidden, MissingCredential, NotFound, Unauthenticated
from sluice.http import current_caller
from sluice.limits import DEFAULT_TIER
from sluice.log import logger
from sluice.permissions import OWN_MATTERS, OWNER, check_known, of_key, of_role
from sluice.settings import load
from sluice.table import Item, Table

CACHE_MS = 3_000
CACHE_SIZE = 10_000
KEY_PREFIX = "sk_"
SESSION_COOKIE = "sluice_session"
ACCOUNT_HEADER = "sluice-account"
"""Names the account that a session acts for, where it is not its user's own."""
MAX_CREDENTIAL_CHARS = 200
_SECRET_BYTES = 24
_SECRET_CHARS = 33
_CHECKSUM_CHARS = 6
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_OWN_SITES = {"same-origin", "none"}
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

DOCUMENTS_DUE = "documents_due"
LIMITATIONS = {
    "account_suspended": "This account is suspended: it may read, and nothing else.",
    DOCUMENTS_DUE: "Accept the current terms first, with POST /v1/auth/documents/accept; until "
    "then this may read, and nothing else.",
}
"""Why an account may do nothing but read, as `limited` in its credentials' items says it, or
as it follows from the documents that were accepted. It is also the code of the refusals; and what
to tell whoever asks for more."""
PEPPER_VERSION = 1
"""Of the secret that credentials are digested under; it stands in each, so that the secret can be
turned with overlap."""


@dataclass(frozen=True, slots=True)
class Principal:
    """`credential` is the key's or session's id, for limits and logs; `epoch` is the account's at
    the credential's birth, and holds commit only while the account's buckets still carry it;
    `tier` names the account's limits; `authenticated_ms` is when a session's owner last proved the
    password. A key may be limited to `models` (None: all) and to callers in `networks` (none: any).
    `limited` says why the account may do nothing but read (one of `LIMITATIONS`), if it may not.
    `role` is a session's user's in the account; `accepted` has the versions of documents that its
    user has accepted, or a key's account's owner. `budget` is a key's, `member_budget` that of the
    member who acts, or who made the key (`sluice.ledger.cap_of`); a key's `rate_per_minute` bounds
    its requests to all models together.
    """

    account: str
    user: str
    credential: str
    is_key: bool
    scopes: frozenset[str]
    epoch: int
    tier: str = DEFAULT_TIER
    authenticated_ms: int = 0
    models: frozenset[str] | None = None
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    expires_ms: int | None = None
    limited: str | None = None
    role: str | None = None
    budget: Mapping[str, Any] | None = None
    member_budget: Mapping[str, Any] | None = None
    rate_per_minute: int | None = None
    accepted: Mapping[str, str] = field(default_factory=dict)

    @property
    def budgets(self) -> list[Mapping[str, Any]]:
        """All that bound what this principal may spend."""
        return [each for each in (self.budget, self.member_budget) if each is not None]

    def check_model(self, model: str) -> None:
        """Raises Forbidden for a model, by its card's id, that this key is not for."""
        if self.models is not None and model not in self.models:
            raise Forbidden("This key is not for this model.", code="model_not_allowed")

    def check_address(self, address: str) -> None:
        """Raises Forbidden for a caller outside the key's networks."""
        if self.networks and not _is_within(address, self.networks):
            raise Forbidden("This key is not for your network.", code="address_not_allowed")

    def check_unlimited(self) -> None:
        """Raises Forbidden, its code the reason, for an account that may only read."""
        if self.limited is not None:
            raise limitation(self.limited)


def limitation(code: str) -> Forbidden:
    """What an account that may only read is told when it wants more."""
    return Forbidden(LIMITATIONS[code], code=code)


@dataclass(frozen=True, slots=True)
class PrincipalSettings:
    accounts_table: str
    root_secret_id: str
    public_url: str = ""


def _is_within(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    """An IPv4 address that comes as IPv6 is the same; what is no address is within nothing."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return any(ip in network for network in networks)


def new_api_key() -> str:
    """`sk_`, 192 random bits in base 62 and a CRC-32 that lets scanners tell a real key offline."""
    body = _base62(int.from_bytes(ids.token(_SECRET_BYTES), "big"), _SECRET_CHARS)
    return f"{KEY_PREFIX}{body}{_checksum(body)}"


def is_well_formed_key(text: str) -> bool:
    body = text.removeprefix(KEY_PREFIX)[:-_CHECKSUM_CHARS]
    return text == f"{KEY_PREFIX}{body}{_checksum(body)}" and len(body) == _SECRET_CHARS


def new_session_token() -> str:
    return base64.urlsafe_b64encode(ids.token(_SECRET_BYTES)).decode()


def credential_pk(kind: str, credential: str) -> str:
    """Where a credential's item stands: `KEY#{hmac}` or `SESSION#{hmac}` in the accounts table."""
    pepper = secret.derive(load(PrincipalSettings).root_secret_id, "credential")
    return f"{kind}#{hmac.digest(pepper, credential.encode(), hashlib.sha256).hex()}"


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECKSUM_CHARS)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, len(_BASE62))
        digits.append(_BASE62[digit])
    return "".join(reversed(digits))


_cache: OrderedDict[str, tuple[int, Principal]] = OrderedDict()


def forget_cached() -> None:
    """For tests, and for a process that revoked a credential itself."""
    _cache.clear()


def find_principal(kind: str, credential: str) -> Principal | None:
    """The live principal of a credential (`kind` KEY or SESSION), at most three seconds old."""
    pk = credential_pk(kind, credential)
    return _cached(pk, lambda: _read_credential(pk, kind))


def find_member(own: Principal, account: str) -> Principal | None:
    """A session's principal in an account of which its user is a member, at most three seconds old.
    Raises Forbidden `step_up_required` where that account was secured since its user was last
    authenticated."""
    return _cached(f"{own.user}#{own.credential}#{account}", lambda: _read_member(own, account))


def _cached(key: str, read: Callable[[], Principal | None]) -> Principal | None:
    now_ms = clock.now_ms()
    found = _cache.get(key)
    if found and 0 <= now_ms - found[0] < CACHE_MS:  # a clock may step back
        return found[1]
    _cache.pop(key, None)
    principal = read()
    if principal is not None:
        _cache[key] = (now_ms, principal)
        if len(_cache) > CACHE_SIZE:
            _cache.popitem(last=False)
    return principal


def _read_credential(pk: str, kind: str) -> Principal | None:
    now_ms = clock.now_ms()
    item = Table(load(PrincipalSettings).accounts_table).find(pk, kind)
    if item is None or item["state"] != "active" or item.get("expires_ms", now_ms + 1) <= now_ms:
        return None
    return _principal(item, kind)


def _read_member(own: Principal, account: str) -> Principal | None:
    table = Table(load(PrincipalSettings).accounts_table)
    member = table.find(f"MEMBERS#{account}", f"USER#{own.user}")
    item = table.find(f"ACCOUNT#{account}", "ACCOUNT") if member else None
    if member is None or item is None or "closed_ms" in item:
        return None
    if item.get("secured_ms", 0) > own.authenticated_ms:
        raise Forbidden(
            "This account was secured since you signed in; step up, then ask again.",
            code="step_up_required",
        )
    return replace(
        own,
        account=account,
        role=member["role"],
        scopes=of_role(member["role"]),
        epoch=item["epoch"],
        tier=item.get("tier", DEFAULT_TIER),
        member_budget=member.get("budget"),
        limited=item.get("limited") or (DOCUMENTS_DUE if own.limited == DOCUMENTS_DUE else None),
    )


def _principal(item: Item, kind: str) -> Principal:
    accepted = item.get("accepted", {})
    return Principal(
        account=item["account"],
        user=item["user"],
        credential=item["id"],
        is_key=kind == "KEY",
        scopes=of_key(item["scopes"]) if kind == "KEY" else of_role(OWNER),
        role=None if kind == "KEY" else OWNER,
        epoch=item["epoch"],
        tier=item.get("tier", DEFAULT_TIER),
        authenticated_ms=item.get("authenticated_ms", 0),
        models=frozenset(item["models"]) if "models" in item else None,
        networks=tuple(map(ip_network, item.get("networks", ()))),
        expires_ms=item.get("expires_ms"),
        limited=item.get("limited") or (DOCUMENTS_DUE if are_binding(accepted) else None),
        accepted=accepted,
        budget=item.get("budget"),
        member_budget=item.get("member_budget"),
        rate_per_minute=item.get("rate_per_minute"),
    )


async def refuse_other_sites(request: Request) -> None:
    """A dependency of routes that change something for whoever's browser asks (CSRF): raises
    Forbidden `foreign_origin` when the browser says that another site's page asked. Clients that
    are no browsers send neither header."""
    if request.method in _SAFE_METHODS:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = {load(PrincipalSettings).public_url, f"{request.url.scheme}://{request.url.netloc}"}
    if site in _OWN_SITES if site else origin is None or origin in own:
        return
    raise Forbidden("Another site's page may not do this for you.", code="foreign_origin")


_bearer = HTTPBearer(auto_error=False, scheme_name="ApiKey", description="`sk_…`, shown once.")
_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, scheme_name="Session")


def _bare_key(request: Request) -> str | None:
    """A key without the word `Bearer`, as some official clients send it."""
    given = request.headers.get("authorization", "").strip()
    return given if given.startswith(KEY_PREFIX) else None


async def current_principal(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    session: Annotated[str | None, Depends(_cookie)],
) -> Principal:
    """The request's principal; raises Unauthenticated when it carries no live credential."""
    key = bearer.credentials if bearer else _bare_key(request)
    kind, credential = ("SESSION", session) if key is None else ("KEY", key)
    if not credential:
        raise MissingCredential("Send an API key as `Authorization: Bearer sk_…`, or sign in.")
    if len(credential) > MAX_CREDENTIAL_CHARS:
        raise Unauthenticated("That is no credential of ours: it is too long.")
    if kind == "KEY" and not is_well_formed_key(credential):
        raise Unauthenticated("That is no API key of ours: its checksum does not fit.")
    principal = find_principal(kind, credential)
    if principal is None:
        raise Unauthenticated("This credential is unknown, expired or revoked.")
    if not principal.is_key:
        await refuse_other_sites(request)
    elif principal.networks:
        principal.check_address((await current_caller(request)).address)
    logger.append_keys(account=principal.account, credential=principal.credential)
    return principal


async def acting_principal(
    request: Request, own: Annotated[Principal, Depends(current_principal)]
) -> Principal:
    """The request's principal in the account that it names by the header `Sluice-Account`, or else
    in its own; raises NotFound for an account that it may not act for, as for one that is none."""
    account = request.headers.get(ACCOUNT_HEADER, own.account)
    if account == own.account:
        return own
    principal = None if own.is_key else find_member(own, account[:MAX_CREDENTIAL_CHARS])
    if principal is None:
        raise NotFound("There is no such account, or you may not act for it.")
    logger.append_keys(account=account)
    return principal


def require(*scopes: str, while_limited: bool = False) -> Callable[..., Principal]:
    """A dependency: the principal, holding every one of `scopes`; otherwise Forbidden, as for a
    limited account that wants to do more than read, unless it may `while_limited`. The API document
    names the scopes too. Raises ValueError for a scope that is no permission
    (`sluice/permissions.py`). What is the user's own is done in the user's own account, whichever
    other the request names."""
    check_known(*scopes)
    named = Security(
        current_principal if OWN_MATTERS in scopes else acting_principal, scopes=list(scopes)
    )

    async def checked(request: Request, principal: Annotated[Principal, named]) -> Principal:
        if request.method not in _SAFE_METHODS and not while_limited:
            principal.check_unlimited()
        missing: Sequence[str] = sorted(set(scopes) - principal.scopes)
        if missing:
            raise Forbidden(f"This credential lacks the scope {', '.join(missing)}.")
        return principal

    return checked  # type: ignore[return-value]  # FastAPI awaits it
