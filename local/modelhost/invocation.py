"""InvokeEndpointAsync: the request of botocore's service model, checked as AWS does."""

import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from local.doubles.errors import AwsError
from local.modelhost.settings import Places

MAX_BODY_BYTES = 128_000
DEFAULT_TTL_S = 21_600
DEFAULT_TIMEOUT_S = 900
MAX_HEADER_CHARS = 1024

_HEADER = "x-amzn-sagemaker-"
_INFERENCE_ID = re.compile(r"\S[\x20-\x7e]{0,63}")
_INPUT_LOCATION = re.compile(r"(https|s3)://([^/]+)/?(.*)")
_EXTENSION = re.compile(r"(?!s3:|https:)[a-zA-Z0-9!_.*'()/-]{1,512}")
_FILENAME = re.compile(r"(?!.*\..*\.)[a-zA-Z0-9][a-zA-Z0-9\-_.]{0,31}")


def invalid(message: str) -> AwsError:
    return AwsError(400, "ValidationError", message)


@dataclass(frozen=True, slots=True)
class Invocation:
    """One accepted request, on its way through the queue of its endpoint."""

    endpoint: str
    inference_id: str
    output_location: str
    failure_location: str
    body: bytes
    input_location: str | None
    content_type: str | None
    accept: str | None
    custom_attributes: str | None
    ttl_s: int
    timeout_s: int
    received: float = field(default_factory=time.time)
    queued: float = field(default_factory=time.monotonic)

    @property
    def expires(self) -> float:
        """When its time in the queue ends, on the monotonic clock."""
        return self.queued + self.ttl_s

    def model_headers(self) -> dict[str, str]:
        """What SageMaker hands on to the container."""
        headers = {
            "Content-Type": self.content_type,
            "Accept": self.accept,
            "X-Amzn-SageMaker-Custom-Attributes": self.custom_attributes,
            "X-Amzn-SageMaker-Inference-Id": self.inference_id,
        }
        return {name: value for name, value in headers.items() if value}


def parse(endpoint: str, headers: Mapping[str, str], body: bytes, places: Places) -> Invocation:
    """The accepted invocation; raises `AwsError` (ValidationError) as the API would."""
    given = {name: headers.get(_HEADER + name.lower()) for name in _CONSTRAINTS}
    for name, value in given.items():
        if value is not None:
            _check(name, value)
    location = given["InputLocation"]
    if (location is not None) == bool(body):
        raise invalid("Exactly one of Body and InputLocation must be provided.")
    file_id = str(uuid.uuid4())
    extension = given["S3OutputPathExtension"]
    return Invocation(
        endpoint=endpoint,
        inference_id=given["Inference-Id"] or file_id,
        output_location=_join(places.output_path, extension, given["Filename"] or f"{file_id}.out"),
        failure_location=_join(places.failure_path, extension, f"{file_id}-error.out"),
        body=body,
        input_location=location,
        content_type=given["Content-Type"],
        accept=given["Accept"],
        custom_attributes=given["Custom-Attributes"],
        ttl_s=int(given["RequestTTLSeconds"] or DEFAULT_TTL_S),
        timeout_s=int(given["InvocationTimeoutSeconds"] or DEFAULT_TIMEOUT_S),
    )


def _join(path: str, extension: str | None, filename: str) -> str:
    parts = [path.rstrip("/"), (extension or "").strip("/"), filename]
    return "/".join(part for part in parts if part)


def _check(name: str, value: str) -> None:
    constraint = _CONSTRAINTS[name]
    if isinstance(constraint, range):
        if not value.isascii() or not value.isdigit() or int(value) not in constraint:
            raise _violation(
                name, value, f"have value between {constraint.start} and {constraint.stop - 1}"
            )
    elif len(value) > MAX_HEADER_CHARS or not constraint.fullmatch(value):
        raise _violation(name, value, f"satisfy regular expression pattern: {constraint.pattern}")


def _violation(name: str, value: str, rule: str) -> AwsError:
    return invalid(
        f"1 validation error detected: Value '{value[:64]}' at '{name}' failed to satisfy "
        f"constraint: Member must {rule}"
    )


_CONSTRAINTS: dict[str, range | re.Pattern[str]] = {
    "Content-Type": re.compile(r"[\x00-\x7f]*"),
    "Accept": re.compile(r"[\x00-\x7f]*"),
    "Custom-Attributes": re.compile(r"[\x00-\x7f]*"),
    "Inference-Id": _INFERENCE_ID,
    "InputLocation": _INPUT_LOCATION,
    "S3OutputPathExtension": _EXTENSION,
    "Filename": _FILENAME,
    "RequestTTLSeconds": range(60, 21_601),
    "InvocationTimeoutSeconds": range(1, 3_601),
}
