"""What the document says of itself, its servers, its credentials and its parts."""

from collections.abc import Mapping
from typing import Any, Final

from sluice.permissions import KEY_SCOPES

INFO: Final = {
    "title": "Sluice",
    "version": "1",
    "summary": "Inference, accounts and credit of one Sluice deployment.",
    "description": (
        "Send an API key as `Authorization: Bearer sk_…`. Everything a model does is a job; the "
        "doors compatible with OpenAI and Novita submit jobs too, and answer in those families' "
        "shapes. Money is in integer nanodollars (1e-9 USD), as text, beside the same in USD. "
        "Guides stand in `docs/api/` of the repository, every error code in `docs/errors.md`."
    ),
}

SERVERS: Final = [
    {"url": "/", "description": "The deployment that serves this document"},
    {"url": "http://localhost:8400", "description": "`make up` on this machine"},
]

SECURITY_SCHEMES: Final = {
    "ApiKey": "`sk_…`, created with `POST /v1/auth/keys` and shown once.",
    "Session": "Of a browser: `POST /v1/auth/sign-in` sets it. Another site's page cannot use it. "
    "It acts for its user's own account, or for the organization that the header `Sluice-Account` "
    "names (404 `not_found` where its user is no member).",
}

TAGS: Final[Mapping[str, str]] = {
    "users": "Sign-up and verification of the mailbox.",
    "sessions": "Sign-in and sign-out of people, and where they are signed in.",
    "passwords": "Changing a password, and setting a new one by mail.",
    "emails": "Changing the account's e-mail address.",
    "securing": "My account is compromised.",
    "providers": "Signing in by Google, GitHub or another provider, and linking identities there.",
    "organizations": "The accounts that you may act for, and making organizations.",
    "closing": "Closing the account, and changing one's mind.",
    "members": "Who may act for an organization, in which role.",
    "invitations": "Asking people into an organization by mail.",
    "factors": "Second factors: authenticator apps, passkeys and recovery codes.",
    "audit": "What was done to the account, by whom and from where.",
    "keys": "API keys of programs, managed under a session.",
    "documents": "The terms and policies that sign-up accepts.",
    "whoami": "Who a credential acts as.",
    "billing": "Balance, statement, prices and quotes.",
    "content": "The content policy, and what it said of the account's jobs.",
    "models": "What can be called: schema, price, limits, and how warm it is.",
    "jobs": "Requests to models: submit, wait, list, cancel, delete, and fetch results.",
    "uploads": "Files that are too large for a request.",
    "webhooks": "Where the ends of jobs are told, and the log of those deliveries.",
    "openai": "For OpenAI's clients, unchanged: point `base_url` at `/openai/v1`.",
    "novita": "For Novita's clients, unchanged. What succeeds is answered with exactly 200.",
}


def security(required: list[dict[str, list[str]]]) -> list[dict[str, list[str]]]:
    """Who may call: not a key, where it takes a permission that no key can have."""
    return [one for one in required if KEY_SCOPES.issuperset(one.get("ApiKey", ()))]


def describe_schemes(schemes: dict[str, Any]) -> None:
    """Adds what each credential is. Raises KeyError for one that is not described here."""
    for name, scheme in schemes.items():
        scheme["description"] = SECURITY_SCHEMES[name]
