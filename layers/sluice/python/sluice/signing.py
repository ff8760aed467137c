"""AWS Signature Version 4 for calls with a body of bytes and no query, as nearly all of ours are.

botocore signs whatever may come, by general means that take a quarter of a call's CPU. What is
signed here is signed as botocore would, to the byte, and anything unusual is left to botocore.
"""

import hashlib
import hmac
import re
from functools import lru_cache
from typing import Any, Final

from botocore import auth
from botocore.compat import get_current_datetime

VERSION: Final = "sluice-v4"
"""The name by which botocore finds this signer."""
_GENERAL: Final = "v4"
_UNSIGNED: Final = frozenset(auth.SIGNED_HEADERS_BLACKLIST)
_OTHERWISE: Final = frozenset({"date", "x-amz-content-sha256"})
"""Headers of requests that are dated or hashed in another way."""
_KNOWN_KEYS = 16
_KNOWN_URLS = 64
_PLAIN_URL: Final = re.compile(
    r"https?://(?P<host>[a-z0-9.-]+(:(?!(80|443)(/|$))\d+)?)(?P<path>/|(/[A-Za-z0-9_-]+)*)"
)
"""Without a query, a port that goes without saying, or anything that must be quoted."""


class Signer(auth.SigV4Auth):
    """Its parent, faster."""

    def __init__(self, credentials: Any, service_name: str, region_name: str) -> None:
        super().__init__(credentials, service_name, region_name)
        self._signs_for = region_name, service_name

    def add_auth(self, request: Any) -> None:
        """Set an AWSRequest's date, token and `Authorization`; raises NoCredentialsError."""
        place = _place(request.url)
        if not self.credentials or place is None or not _is_plain(request):
            super().add_auth(request)
            return
        moment = get_current_datetime().strftime(auth.SIGV4_TIMESTAMP)
        request.context["timestamp"] = moment
        del request.headers["Authorization"]  # a request may be signed again
        _set(request.headers, "X-Amz-Date", moment)
        if self.credentials.token:
            _set(request.headers, "X-Amz-Security-Token", self.credentials.token)
        request.headers["Authorization"] = self._signature(request, place, moment)

    def _signature(self, request: Any, place: tuple[str, str], moment: str) -> str:
        names, canonical = _canonical(request, *place)
        parts = moment[:8], *self._signs_for, "aws4_request"
        scope = "/".join(parts)
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{_sha256(canonical.encode())}"
        signature = _hmac(_key(self.credentials.secret_key, parts), text).hex()
        credential = f"{self.credentials.access_key}/{scope}"
        return (
            f"AWS4-HMAC-SHA256 Credential={credential}, "
            f"SignedHeaders={names}, Signature={signature}"
        )


def use(client: Any) -> None:
    """Let this client's calls be signed here; not S3's, whose signature is another one."""
    auth.AUTH_TYPE_MAPS[VERSION] = Signer
    client.meta.events.register("choose-signer", _choose)


def _choose(signature_version: str, **unused: Any) -> str | None:
    return VERSION if signature_version == _GENERAL else None


def _is_plain(request: Any) -> bool:
    """Whether its body is bytes that are to be signed as they are."""
    return (
        isinstance(request.data, bytes)
        and not request.params
        and request.context.get("payload_signing_enabled", True)
        and not request.context.get("checksum")
        and _OTHERWISE.isdisjoint(name.lower() for name in request.headers)
    )


def _set(headers: Any, name: str, value: str) -> None:
    """botocore's headers would keep an older one beside it."""
    del headers[name]
    headers[name] = value


def _canonical(request: Any, host: str, path: str) -> tuple[str, str]:
    """The signed headers' names, and the request in the form that is signed."""
    headers = {name.lower(): " ".join(value.split()) for name, value in request.headers.items()}
    headers.setdefault("host", host)
    signed = sorted(headers.keys() - _UNSIGNED)
    names = ";".join(signed)
    lines = "".join([f"{name}:{headers[name]}\n" for name in signed])
    return names, f"{request.method}\n{path}\n\n{lines}\n{names}\n{_sha256(request.data)}"


@lru_cache(_KNOWN_URLS)
def _place(url: str) -> tuple[str, str] | None:
    """A plain URL's host and path, None for any other."""
    found = _PLAIN_URL.fullmatch(url)
    return (found["host"], found["path"] or "/") if found else None


@lru_cache(_KNOWN_KEYS)
def _key(secret: str, parts: tuple[str, ...]) -> bytes:
    """Four hashes that all calls of a day to one service share."""
    key = f"AWS4{secret}".encode()
    for part in parts:
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
