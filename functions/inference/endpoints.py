"""SageMaker's asynchronous endpoints: the queue of a model, and whether an instance is up."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.inference import files
from functions.inference.settings import Endpoint
from sluice import aws, clock
from sluice.log import logger

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime.type_defs import InvokeEndpointAsyncInputTypeDef

STATE_CACHE_MS = 5_000
WAKE_PREFIX = "wake"
"""Of the names of requests that only wake an endpoint; what comes of them nobody reads."""
MIN_QUEUE_TTL_S, MAX_QUEUE_TTL_S = 60, 21_600
"""The bounds of `RequestTTLSeconds`."""
QUEUE_TTL_WAKES = 3
"""A request may wait for a few wake-ups of the endpoint before SageMaker drops it."""
QUEUE_TTL_BASE_S = 300
_NO_SUCH_ENDPOINT = {"ValidationError", "ValidationException"}


class NoSuchEndpoint(Exception):
    """The stage names an endpoint that SageMaker does not know."""


def queue_ttl_s(endpoint: Endpoint) -> int:
    wanted = QUEUE_TTL_BASE_S + QUEUE_TTL_WAKES * endpoint.wake_s
    return max(MIN_QUEUE_TTL_S, min(MAX_QUEUE_TTL_S, wanted))


def invoke(endpoint: Endpoint, name: str, payload: bytes | None) -> None:
    """Queue a request whose output will be at `raw/{name}/`; without `payload` the container reads
    `inputs/{name}`. Raises NoSuchEndpoint, or a botocore error when the queue did not answer."""
    request: InvokeEndpointAsyncInputTypeDef = {
        "EndpointName": endpoint.name,
        "ContentType": "application/json",
        "InferenceId": name,
        "S3OutputPathExtension": name,
        "Filename": files.OUTPUT_NAME,
        "RequestTTLSeconds": queue_ttl_s(endpoint),
        "InvocationTimeoutSeconds": endpoint.timeout_s,
    }
    if payload is None:
        request["InputLocation"] = files.location(files.input_key(name))
    else:
        request["Body"] = payload
    try:
        aws.client("sagemaker-runtime").invoke_endpoint_async(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NO_SUCH_ENDPOINT:
            raise
        raise NoSuchEndpoint(endpoint.name) from error


_states: dict[str, tuple[int, bool]] = {}


def is_awake(endpoint: Endpoint) -> bool:
    """Whether an instance of the endpoint runs, at most five seconds old; when SageMaker does not
    say, the caller may as well try."""
    seen_ms, awake = _states.get(endpoint.name, (0, False))
    if clock.now_ms() - seen_ms < STATE_CACHE_MS:
        return awake
    try:
        answer = aws.client("sagemaker").describe_endpoint(EndpointName=endpoint.name)
    except (BotoCoreError, ClientError):
        logger.exception("the endpoint's state is unknown")
        return True
    variants = answer.get("ProductionVariants", [])
    awake = any(variant.get("CurrentInstanceCount", 0) > 0 for variant in variants)
    _states[endpoint.name] = (clock.now_ms(), awake)
    return awake
