"""Authenticator apps: time-based one-time passwords (RFC 6238) of six digits and 30 seconds.

A seed must be read again, so it is kept encrypted (AES-256-GCM, bound to its user) under a key that
is derived from the stage's root secret: the table alone betrays none.
"""

import base64
import hmac

from functions.auth.settings import settings
from sluice import clock, ids, secret

SEED_BYTES = 20
STEP_S = 30
DRIFT_STEPS = 1
"""Clocks differ, and people type slowly."""
_NONCE_BYTES = 12


def new_seed() -> str:
    """In base 32, as apps take it."""
    return base64.b32encode(ids.token(SEED_BYTES)).decode()


def uri(seed: str, email: str, issuer: str) -> str:
    """What apps read from a QR code."""
    import pyotp

    return pyotp.TOTP(seed).provisioning_uri(name=email, issuer_name=issuer)


def find_step(seed: str, code: str) -> int | None:
    """The time step whose password `code` is, around now."""
    import pyotp

    totp, now = pyotp.TOTP(seed), clock.now_s() // STEP_S
    found = None
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def seal(seed: str, user: str) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = ids.token(_NONCE_BYTES)
    return (nonce + AESGCM(_key()).encrypt(nonce, seed.encode(), user.encode())).hex()


def unseal(sealed: str, user: str) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    raw = bytes.fromhex(sealed)
    nonce, rest = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
    return AESGCM(_key()).decrypt(nonce, rest, user.encode()).decode()


def _key() -> bytes:
    return secret.derive(settings().root_secret_id, "factor-seed")
