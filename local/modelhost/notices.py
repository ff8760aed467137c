"""What SageMaker tells the topics: the shapes seen in captured notices of asynchronous inference.

Which words a failure's reason has is documented nowhere; consumers must not read them.
"""

import json
from datetime import UTC, datetime
from typing import Any

from local.modelhost.invocation import Invocation

CLIENT_ERRORS = range(400, 500)
SEE_LOGS = "See the SageMaker Endpoint logs in your account for more information."


def succeeded(invocation: Invocation, region: str, content_type: str) -> str:
    notice = _notice(invocation, region, "Completed")
    notice["responseParameters"] = {
        "contentType": content_type,
        "outputLocation": invocation.output_location,
    }
    return json.dumps(notice)


def failed(invocation: Invocation, region: str, reason: str) -> str:
    notice = _notice(invocation, region, "Failed")
    notice["failureReason"] = f"ClientError: {reason}"
    notice["responseParameters"] = {"outputLocation": invocation.failure_location}
    return json.dumps(notice)


def model_error(status: int) -> str:
    """The reason when the container answered `status`."""
    whose = "client" if status in CLIENT_ERRORS else "server"
    return f"Received {whose} error ({status}) from model. {SEE_LOGS}"


def timed_out() -> str:
    return f"Received server error (0) from model: the invocation timed out. {SEE_LOGS}"


def _notice(invocation: Invocation, region: str, status: str) -> dict[str, Any]:
    request = {
        "endpointName": invocation.endpoint,
        "inputLocation": invocation.input_location,
        "contentType": invocation.content_type,
        "accept": invocation.accept,
    }
    return {
        "awsRegion": region,
        "eventTime": _iso(datetime.now(UTC).timestamp()),
        "receivedTime": _iso(invocation.received),
        "invocationStatus": status,
        "requestParameters": {name: value for name, value in request.items() if value},
        "inferenceId": invocation.inference_id,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }


def _iso(seconds: float) -> str:
    stamp = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return stamp.replace("+00:00", "Z")
