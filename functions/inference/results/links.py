"""Signed links to results: addresses of this API that redirect to S3 for a minute at most, so that
a deletion or a secured account reaches them."""

import hashlib
import hmac

from functions.inference.settings import settings
from sluice import clock, secret

TTL_S = 3600


def sign(job_id: str, name: str) -> str:
    """The absolute address of one result, good for an hour."""
    expires = clock.now_s() + TTL_S
    signature = _signature(job_id, name, expires)
    path = f"/v1/inference/jobs/{job_id}/results/{name}"
    return f"{settings().public_url}{path}?expires={expires}&signature={signature}"


def signed_ms(expires: int) -> int:
    """When the link that expires then was signed."""
    return (expires - TTL_S) * clock.MS_PER_S


def is_genuine(job_id: str, name: str, expires: int, signature: str) -> bool:
    """Whether this stage signed exactly this; says nothing of its age."""
    return hmac.compare_digest(_signature(job_id, name, expires).encode(), signature.encode())


def _signature(job_id: str, name: str, expires: int) -> str:
    key = secret.derive(settings().root_secret_id, "result-link")
    text = f"{job_id}\n{name}\n{expires}"
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()
