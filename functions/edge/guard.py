"""The HTTP API's authorizer: lets in what came through the stage's edge, and nothing else.

CloudFront puts the origin secret into a header of every request, over whatever the viewer sent
there. Requests without the header are refused by the gateway itself, which also remembers each
answer for some minutes, so this runs a few times an hour.
"""

import hmac
from functools import lru_cache
from typing import Any, Final

from botocore.exceptions import ClientError

from functions.edge.settings import settings
from sluice import aws, clock
from sluice.log import logger

MEMORY_MS: Final = 60_000
VERSIONS: Final = ("AWSCURRENT", "AWSPREVIOUS")
"""While a new secret spreads through CloudFront, its outer places still send the one before."""


def handler(event: dict[str, Any], context: object) -> dict[str, bool]:
    """The simple response of an HTTP API's authorizer (payload 2.0)."""
    shown = (event.get("identitySource") or [""])[0].encode()
    known = _secrets(settings().origin_secret_id, clock.now_ms() // MEMORY_MS)
    genuine = [hmac.compare_digest(shown, secret) for secret in known]
    if not any(genuine):
        http = event["requestContext"]["http"]
        logger.warning("a request with a false origin secret", extra={"ip": http["sourceIp"]})
    return {"isAuthorized": any(genuine)}


@lru_cache(maxsize=1)
def _secrets(secret_id: str, _minute: int) -> tuple[bytes, ...]:
    """Read once a minute, so that a new secret is known before CloudFront begins to send it."""
    found = (_find_version(secret_id, version) for version in VERSIONS)
    return tuple(secret.encode() for secret in found if secret)


def _find_version(secret_id: str, version: str) -> str | None:
    """None for a version that the secret does not have: at first there is no previous one."""
    try:
        answer = aws.client("secretsmanager").get_secret_value(
            SecretId=secret_id, VersionStage=version
        )
    except ClientError as error:
        if (
            version == "AWSCURRENT"
            or error.response["Error"]["Code"] != "ResourceNotFoundException"
        ):
            raise
        return None
    return answer["SecretString"]
