"""Passkeys (WebAuthn, level 3): the ceremonies, whose cryptography is the library's.

The relying party is the host people reach the product at, its origin is exact, and the user must be
verified by the authenticator: so a passkey is two factors in one.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from functions.auth.factors.store import Passkey, wrong_factor
from functions.auth.settings import settings
from sluice import ids
from sluice.errors import InvalidInput

CHALLENGE_BYTES = 32
NAME = "Sluice"


def new_challenge() -> bytes:
    return ids.token(CHALLENGE_BYTES)


def digest_of(credential: bytes) -> str:
    return hashlib.sha256(credential).hexdigest()


def registration_options(
    user: str, email: str, challenge: bytes, known: Sequence[bytes]
) -> dict[str, Any]:
    """What `navigator.credentials.create` takes; `known` are the user's own."""
    import webauthn
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=NAME,
        user_id=user.encode(),
        user_name=email,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return dict(json.loads(webauthn.options_to_json(options)))


def register(credential: Mapping[str, Any], challenge: bytes) -> Passkey:
    """Raises InvalidInput `invalid_passkey`."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        made = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise InvalidInput("This is no passkey for us.", code="invalid_passkey") from None
    return Passkey(made.credential_id, made.credential_public_key, made.sign_count)


def assertion_options(challenge: bytes, known: Sequence[bytes]) -> dict[str, Any]:
    """What `navigator.credentials.get` takes; without `known` any passkey for us will do."""
    import webauthn
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    options = webauthn.generate_authentication_options(
        rp_id=_host(),
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(json.loads(webauthn.options_to_json(options)))


def check(credential: Mapping[str, Any], challenge: bytes, passkey: Passkey) -> int:
    """How often the authenticator says it was used. Raises Forbidden when this proves nothing."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        proven = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            credential_public_key=passkey.public,
            credential_current_sign_count=0,  # the store's condition compares it
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise wrong_factor() from None
    return int(proven.new_sign_count)


def credential_of(credential: Mapping[str, Any]) -> bytes:
    """The id of the credential that an answer names. Raises Forbidden."""
    from webauthn.helpers import base64url_to_bytes

    try:
        return base64url_to_bytes(str(credential["rawId"]))
    except (KeyError, ValueError):
        raise wrong_factor() from None


def _host() -> str:
    return urlsplit(settings().public_url).hostname or ""


def _origin() -> str:
    return settings().public_url
