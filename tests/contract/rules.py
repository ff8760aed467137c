"""Who may call which route: the whole of it, written down apart from the code that enforces it.

A route that stands here and nowhere else, or the other way round, fails the tests; so does one
whose code asks for another permission than this page.
"""

from dataclasses import dataclass
from typing import Final

PUBLIC: Final = (
    *("POST /v1/auth/sign-up", "POST /v1/auth/verify", "POST /v1/auth/verify/resend"),
    *("POST /v1/auth/sign-in", "POST /v1/auth/password/reset"),
    *("POST /v1/auth/password/reset/confirm", "GET /v1/auth/documents"),
    "GET /v1/auth/documents/{document}",
    *("POST /v1/auth/sign-in/second-factor", "POST /v1/auth/sign-in/second-factor/options"),
    *("POST /v1/auth/sign-in/passkey", "POST /v1/auth/sign-in/passkey/options"),
    *("POST /v1/auth/leaked-keys", "GET /v1/auth/challenge"),
    *("GET /v1/auth/providers", "POST /v1/auth/providers/{provider}/start"),
    *("GET /v1/auth/providers/{provider}/callback", "POST /v1/auth/providers/sign-up"),
    *("GET /v1/billing/prices", "GET /v1/content/policy"),
    # The link's signature is the permission.
    "GET /v1/inference/jobs/{job_id}/results/{name}",
)
ANYBODY_SIGNED_IN: Final = ("GET /v1/auth/whoami", "POST /v1/billing/quotes")
OPENAI: Final = (
    *("POST /chat/completions", "POST /completions", "POST /embeddings"),
    *("POST /images/generations", "POST /images/edits", "POST /audio/transcriptions"),
    *("POST /audio/translations", "POST /audio/speech", "GET /models", "GET /models/{model}"),
    *("POST /moderations", "POST /rerank"),
)
FORMS: Final = ("/images/edits", "/audio/transcriptions", "/audio/translations")
BY_PERMISSION: Final = {
    "user": (
        *("POST /v1/auth/sign-out", "POST /v1/auth/step-up", "POST /v1/auth/step-up/options"),
        *("GET /v1/auth/sessions", "DELETE /v1/auth/sessions"),
        *("DELETE /v1/auth/sessions/{session}", "POST /v1/auth/password"),
        *("POST /v1/auth/email", "POST /v1/auth/email/confirm", "POST /v1/auth/compromised"),
        *("GET /v1/auth/factors", "POST /v1/auth/factors/totp"),
        *("POST /v1/auth/factors/totp/confirm", "POST /v1/auth/factors/passkeys/options"),
        *("POST /v1/auth/factors/passkeys", "POST /v1/auth/factors/recovery-codes"),
        *("DELETE /v1/auth/factors/{factor}", "GET /v1/auth/accounts"),
        *("GET /v1/auth/documents/accepted", "POST /v1/auth/documents/accept"),
        *("POST /v1/auth/providers/{provider}/start-for-user", "GET /v1/auth/identities"),
        "DELETE /v1/auth/identities/{provider}",
        *("POST /v1/auth/organizations", "POST /v1/auth/invitations/accept"),
    ),
    "account:read": ("GET /v1/auth/account", "GET /v1/auth/closing"),
    "account:write": ("PATCH /v1/auth/account", "POST /v1/auth/account/secure"),
    "account:transfer": ("POST /v1/auth/members/{user}/ownership",),
    "account:close": ("POST /v1/auth/closing", "DELETE /v1/auth/closing"),
    "members:read": (
        *("GET /v1/auth/members", "POST /v1/auth/members/leave", "GET /v1/auth/invitations"),
    ),
    "members:write": (
        *("PATCH /v1/auth/members/{user}", "DELETE /v1/auth/members/{user}"),
        *("POST /v1/auth/invitations", "DELETE /v1/auth/invitations/{invitation}"),
    ),
    "audit:read": ("GET /v1/auth/audit",),
    "keys:read": ("GET /v1/auth/keys",),
    "keys:write": (
        *("POST /v1/auth/keys", "POST /v1/auth/keys/{key}/rotate", "DELETE /v1/auth/keys/{key}"),
        "PATCH /v1/auth/keys/{key}",
    ),
    "billing:read": (
        *("GET /v1/billing/balance", "GET /v1/billing/lines"),
        *("GET /v3/user", "GET /openapi/v1/billing/balance/detail"),
    ),
    "content:read": ("GET /v1/content/verdicts",),
    "inference:read": (
        *("GET /v1/inference/jobs", "GET /v1/inference/jobs/{job_id}"),
        "GET /v1/inference/jobs/{job_id}/timeline",
        *("GET /v1/inference/models", "GET /v1/inference/models/{model}"),
        *("GET /v1/inference/webhooks", "GET /v1/inference/webhooks/{webhook_id}"),
        *("GET /v1/inference/webhooks/{webhook_id}/deliveries", "GET /v1/inference/deliveries"),
        "GET /v1/inference/deliveries/{delivery_id}",
        *(
            route.replace(" ", f" {prefix}")
            for prefix in ("/openai/v1", "/v3/openai")
            for route in OPENAI
            if route.startswith("GET")
        ),
        *("GET /v3/async/task-result", "GET /v3/model", "GET /openapi/v1/user/quota/list"),
    ),
    "inference": (
        *("POST /v1/inference/jobs/batch", "POST /v1/inference/jobs"),
        "DELETE /v1/inference/jobs/{job_id}",
        *("POST /v1/inference/uploads", "DELETE /v1/inference/uploads/{upload_id}"),
        "POST /v1/inference/webhooks",
        *("GET /v1/inference/webhooks/default", "POST /v1/inference/webhooks/default/rotate"),
        "PATCH /v1/inference/webhooks/{webhook_id}",
        *("DELETE /v1/inference/webhooks/{webhook_id}",),
        *("POST /v1/inference/webhooks/{webhook_id}/rotate",),
        *("POST /v1/inference/webhooks/{webhook_id}/test",),
        "POST /v1/inference/deliveries/{delivery_id}/redeliver",
        *(
            route.replace(" ", f" {prefix}")
            for prefix in ("/openai/v1", "/v3/openai")
            for route in OPENAI
            if route.startswith("POST")
        ),
        *("POST /v3/async/txt2img", "POST /v3/async/img2img", "POST /v3/async/inpainting"),
        *("POST /v3/async/upscale", "POST /v3/async/image-remove-background"),
        *("POST /v3/async/image-upscaler", "POST /v3/remove-background"),
    ),
}
COMES_WITH: Final = {"inference": {"inference:read"}}
"""What a key's scope brings along."""
ALSO: Final = {"POST /v1/auth/compromised": "account:write"}
"""A second permission."""
FRESH: Final = frozenset(
    {
        *("POST /v1/auth/email", "POST /v1/auth/compromised", "POST /v1/auth/organizations"),
        *("POST /v1/auth/factors/totp", "POST /v1/auth/factors/totp/confirm"),
        *("POST /v1/auth/factors/passkeys", "POST /v1/auth/factors/passkeys/options"),
        *("POST /v1/auth/factors/recovery-codes", "DELETE /v1/auth/factors/{factor}"),
        "DELETE /v1/auth/identities/{provider}",
        "PATCH /v1/auth/keys/{key}",
        *("POST /v1/auth/account/secure", "POST /v1/auth/members/{user}/ownership"),
        "POST /v1/auth/closing",
        *("PATCH /v1/auth/members/{user}", "DELETE /v1/auth/members/{user}"),
        *("POST /v1/auth/invitations", "DELETE /v1/auth/invitations/{invitation}"),
        *("POST /v1/auth/keys", "POST /v1/auth/keys/{key}/rotate", "DELETE /v1/auth/keys/{key}"),
    }
)
WHILE_LIMITED: Final = frozenset(
    {
        *("POST /v1/auth/sign-out", "DELETE /v1/auth/sessions", "POST /v1/auth/members/leave"),
        *("DELETE /v1/auth/sessions/{session}", "POST /v1/auth/documents/accept"),
        *("POST /v1/auth/step-up", "POST /v1/auth/step-up/options"),
        *("DELETE /v1/auth/sessions/{session}", "POST /v1/auth/closing"),
        *("DELETE /v1/auth/closing", "POST /v1/billing/quotes"),
    }
)
"""What changes something, and yet a suspended account may."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`permissions` is None where nobody need say who they are."""

    permissions: frozenset[str] | None

    @property
    def is_own_matter(self) -> bool:
        return self.permissions is not None and "user" in self.permissions


def _rules() -> dict[str, Rule]:
    rules = {route: Rule(None) for route in PUBLIC}
    rules |= {route: Rule(frozenset()) for route in ANYBODY_SIGNED_IN}
    for permission, routes in BY_PERMISSION.items():
        for route in routes:
            also = {ALSO[route]} if route in ALSO else set()
            rules[route] = Rule(frozenset({permission, *also}))
    return rules


RULES: Final = _rules()
