"""What every page and asset of the web carries: CloudFront sends it in the cloud, the front on a
laptop. Plain data, because the local platform reads it and does not want CDK."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

IMMUTABLE: Final = "public, max-age=31536000, immutable"
"""Of assets, whose names have a hash of what is in them."""
REVALIDATED: Final = "no-cache"
"""Of the page itself, so that a new deployment is seen at once."""
HSTS_S: Final = 63_072_000


def content_security_policy(*files: str, challenge: str | None = None) -> str:
    """`files` are origins of presigned links, where they are not the web's own; `challenge` is
    where the script of a stage's challenge is.

    No other script but ours runs, and nothing frames us. Styles may be inline: Mantine writes the
    theme's variables into a style element, and a static page has no nonce to give.
    """
    own = " ".join(("'self'", *files))
    theirs = "{0.scheme}://{0.netloc}".format(urlsplit(challenge)) if challenge else None
    rules = {
        "default-src": "'none'",
        "script-src": f"'self' {theirs}" if theirs else "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": f"{own} data: blob:",
        "media-src": f"{own} blob:",
        "connect-src": own,
        "font-src": "'self'",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    if theirs:
        rules["frame-src"] = theirs
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self), payment=()",
}
