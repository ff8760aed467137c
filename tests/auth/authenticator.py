"""An authenticator as a device has one, written from the WebAuthn specification (level 3): it keeps
ES256 keys, verifies its user, and answers with `none` attestation."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
type Options = dict[str, Any]


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """One device at one origin; `count` is its signature counter, `flags` what it vouches for."""

    origin: str
    credential: bytes = b"credential-of-one-device"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    user: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: Options) -> Options:
        """What `navigator.credentials.create` gives, as JSON."""
        self.user = base64.urlsafe_b64decode(options["user"]["id"] + "==")
        numbers = self.key.public_key().public_numbers()
        x, y = (each.to_bytes(32, "big") for each in (numbers.x, numbers.y))
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + public
        data = self._data(options["rp"]["id"], ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer({"attestationObject": attestation, "clientDataJSON": client})

    def get(self, options: Options) -> Options:
        """What `navigator.credentials.get` gives, as JSON."""
        self.count += 1
        data = self._data(options["rpId"], 0)
        client = self._client("webauthn.get", options["challenge"])
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {"authenticatorData": data, "clientDataJSON": client, "signature": signed}
            | {"userHandle": self.user}
        )

    def _data(self, host: str, more: int) -> bytes:
        party = hashlib.sha256(host.encode()).digest()
        return party + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _answer(self, response: dict[str, bytes]) -> Options:
        own = encode(self.credential)
        parts = {name: encode(value) for name, value in response.items()}
        return {"id": own, "rawId": own, "type": "public-key", "response": parts} | {
            "clientExtensionResults": {}
        }
