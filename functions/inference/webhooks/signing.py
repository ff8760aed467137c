"""Signatures as Standard Webhooks 1.0 has them: HMAC-SHA-256 over `{id}.{timestamp}.{body}`.

A secret is derived from the stage's root secret, by whom it belongs to and its version, so none is
stored. After a rotation the previous version signs too, for a day.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from functions.inference.settings import settings
from sluice import clock, secret

PREFIX = "whsec_"
OVERLAP_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """Version `version` of `owner`'s secret (a webhook's id, or an account's for its default one).
    Version 0 was never shown to anybody."""

    owner: str
    version: int
    rotated_ms: int

    @property
    def text(self) -> str:
        """`whsec_…`: to be shown once."""
        return PREFIX + base64.b64encode(self._key(self.version)).decode()

    @property
    def overlap_until_ms(self) -> int | None:
        """Until when the previous version signs too, if one does."""
        until_ms = self.rotated_ms + OVERLAP_S * clock.MS_PER_S
        return until_ms if self.version > 1 and clock.now_ms() < until_ms else None

    def signing_keys(self) -> Sequence[bytes]:
        """The keys to sign with now, newest first."""
        current = self._key(self.version)
        return [current, self._key(self.version - 1)] if self.overlap_until_ms else [current]

    def _key(self, version: int) -> bytes:
        return secret.derive(settings().root_secret_id, f"webhook/{self.owner}/{version}")


def headers(signed_with: SigningSecret, delivery: str, body: bytes) -> dict[str, str]:
    """The three headers of an attempt; its timestamp is now."""
    at_s = clock.now_s()
    text = b".".join((delivery.encode(), str(at_s).encode(), body))
    signatures = [hmac.digest(key, text, hashlib.sha256) for key in signed_with.signing_keys()]
    return {
        "webhook-id": delivery,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(signature).decode()}" for signature in signatures
        ),
    }
