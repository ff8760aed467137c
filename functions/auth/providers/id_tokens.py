"""ID tokens of OpenID Connect (Core 1.0, §3.1.3.7): whom a provider vouches for.

The library checks signatures; what a token must say to count here is below.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluice import clock
from sluice.errors import Unauthenticated

ALGORITHMS = ("RS256", "ES256")
MAX_TOKEN_BYTES = 16 * 1024
MAX_SUBJECT_CHARS = 255  # OpenID Connect Core, §2
LEEWAY_S = 60


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token of one attempt must say; `issuer` and `client` are compared exactly."""

    issuer: str
    client: str
    nonce: str


def check(token: str, keys: Mapping[str, Any], expected: Expected) -> dict[str, Any]:
    """The claims of a token that `keys` (a JWK set) signed for this attempt; they have a `sub`.
    Raises Unauthenticated."""
    claims = signed_claims(token, keys)
    subject, now_s = claims.get("sub"), clock.now_s()
    counts = (
        claims.get("iss") == expected.issuer
        and claims.get("aud") in (expected.client, [expected.client])
        and claims.get("azp", expected.client) == expected.client
        and claims.get("nonce") == expected.nonce
        and _seconds(claims.get("exp")) > now_s - LEEWAY_S
        and 0 < _seconds(claims.get("iat")) <= now_s + LEEWAY_S
        and isinstance(subject, str)
        and 0 < len(subject) <= MAX_SUBJECT_CHARS
    )
    if not counts or not expected.nonce:
        raise _refusal()
    return claims


def signed_claims(token: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """What one of `keys` signed, whatever it says. Raises Unauthenticated."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    if len(token) > MAX_TOKEN_BYTES:
        raise _refusal()
    try:
        known = KeySet.import_key_set({"keys": list(keys["keys"])})
        decoded = jwt.decode(token, known, algorithms=ALGORITHMS)
    except (JoseError, ValueError, KeyError, TypeError):
        raise _refusal() from None
    # We know no extension, and nothing else may stand there: RFC 7515, §4.1.11.
    if "crit" in decoded.header:
        raise _refusal()
    return dict(decoded.claims)


def _seconds(value: object) -> int:
    """A NumericDate that is a whole number; anything else lies before all time."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _refusal() -> Unauthenticated:
    return Unauthenticated("The provider's answer does not prove who you are; sign in again.")
