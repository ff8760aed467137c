"""The only place that makes boto3 clients: one per service and process, on first use."""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast, overload

import boto3
from botocore.config import Config

from sluice import shortcuts, signing

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 5
MAX_ATTEMPTS = 3


@overload
def client(service: Literal["dynamodb"]) -> "DynamoDBClient": ...
@overload
def client(service: Literal["s3"]) -> "S3Client": ...
@overload
def client(service: Literal["sns"]) -> "SNSClient": ...
@overload
def client(service: Literal["sqs"]) -> "SQSClient": ...
@overload
def client(service: Literal["sesv2"]) -> "SESV2Client": ...
@overload
def client(service: Literal["secretsmanager"]) -> "SecretsManagerClient": ...
@overload
def client(service: Literal["sagemaker"]) -> "SageMakerClient": ...
@overload
def client(service: Literal["sagemaker-runtime"]) -> "SageMakerRuntimeClient": ...
@overload
def client(service: Literal["bedrock-runtime"]) -> "BedrockRuntimeClient": ...
@overload
def client(service: Literal["rekognition"]) -> "RekognitionClient": ...
def client(service: str) -> Any:
    """A client with short time-outs and three attempts; endpoints come from the environment."""
    return _client(service)


@cache
def _client(service: str) -> Any:
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": MAX_ATTEMPTS},
        # Each is a tenth of a call's CPU: our arguments are checked by types and tests, and
        # nobody reads which Python we run on.
        parameter_validation=False,
        user_agent="sluice",
        account_id_endpoint_mode="disabled",
        signature_version="s3v4" if service == "s3" else None,
    )
    made = cast(Any, boto3).client(service, config=config)
    if service != "s3":
        signing.use(made)
        shortcuts.resolve_once(made)
    if service == "dynamodb":
        shortcuts.write_as_given(made)
    return made


def forget_clients() -> None:
    """Drop cached clients; for tests that change endpoints or credentials."""
    _client.cache_clear()
