"""The providers that this stage lets people sign in by."""

import json
from dataclasses import dataclass
from typing import Literal

from functions.auth.settings import provider_settings, settings
from sluice import secret
from sluice.errors import NotFound


@dataclass(frozen=True, slots=True)
class Provider:
    """`kind` says which protocol it speaks; `url` is the issuer of an OpenID provider, and where
    GitHub's pages are; `api` where GitHub's API is. `secret_id` names the client's secret."""

    id: str
    name: str
    kind: Literal["oidc", "github"]
    client_id: str
    secret_id: str
    url: str
    api: str = ""

    @property
    def client_secret(self) -> str:
        return secret.read(self.secret_id)

    @property
    def redirect_uri(self) -> str:
        """One of its own, so that one provider's answer is never taken for another's (RFC 9700,
        section 4.4)."""
        return f"{settings().public_url}/v1/auth/providers/{self.id}/callback"


def configured() -> list[Provider]:
    """In the order in which they are shown."""
    return [Provider(**each) for each in json.loads(provider_settings().providers)]


def get(provider: str) -> Provider:
    """Raises NotFound."""
    for each in configured():
        if each.id == provider:
            return each
    raise NotFound("Nobody signs in by that provider here.")
