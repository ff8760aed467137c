"""Where a webhook leads, parsed once: nothing after this module reads the URL again.

A host is a name in plain ASCII and nothing else. Numbers, in whichever of their disguises (decimal,
hexadecimal, octal, short, in brackets, in circled digits), are no names, so none of them gets as
far as a resolver that would understand them. `address` decides what a name may resolve to.
"""

import re
from dataclasses import dataclass

from functions.inference.settings import settings
from sluice.errors import InvalidInput

MAX_URL_CHARS = 2_048
MAX_HOST_CHARS = 253
HTTPS_PORT, HTTP_PORT = 443, 80
MAX_PORT = 65_535
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[!-~]*|\?[!-~]*)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_TOP_LABEL = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NOT_SENT = re.compile(r"[\\#\"<>^`{|}]")
"""What a path may not hold: characters that clients and servers read differently."""


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed URL. `host` is lower case, `path` begins with a slash and carries the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the `Host` header says."""
        usual = HTTPS_PORT if self.scheme == "https" else HTTP_PORT
        return self.host if self.port == usual else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK_HOSTS


def parse(url: str) -> Target:
    """Raises InvalidInput `invalid_webhook_url`, which says what an URL may be."""
    found = _URL.fullmatch(url) if len(url) <= MAX_URL_CHARS else None
    if found is None or _NOT_SENT.search(found["path"] or ""):
        raise _refusal("An address begins with https:// and a name; it has no user, no fragment.")
    scheme, host = found["scheme"].lower(), found["host"].lower()
    path = found["path"] or "/"
    path = path if path.startswith("/") else f"/{path}"
    usual = HTTPS_PORT if scheme == "https" else HTTP_PORT
    target = Target(scheme, host, int(found["port"] or usual), path)
    if target.is_loopback and settings().webhooks_reach_loopback:
        if not 0 < target.port <= MAX_PORT:
            raise _refusal("There is no such port.")
        return target
    if scheme != "https" or target.port != HTTPS_PORT:
        raise _refusal("Webhooks are sent over https to port 443.")
    if not _is_name(host):
        raise _refusal("The host is a full name such as hooks.example.com, not a number.")
    return target


def _is_name(host: str) -> bool:
    *labels, top = host.split(".")
    return (
        len(host) <= MAX_HOST_CHARS
        and bool(labels)
        and all(_LABEL.fullmatch(label) for label in labels)
        and bool(_TOP_LABEL.fullmatch(top))
    )


def _refusal(why: str) -> InvalidInput:
    return InvalidInput(
        why,
        code="invalid_webhook_url",
        errors=[{"pointer": "/body/url", "message": why}],
    )
