"""Events as AWS hands them to a function, in their real shapes."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sluice.table import encode
from tests.stage import ACCOUNT, REGION

INVOCATION_S = 30


class Context:
    """What Lambda passes beside the event."""

    function_name = "sluice-test"
    function_version = "$LATEST"
    memory_limit_in_mb = 512
    invoked_function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:sluice-test"
    aws_request_id = "8f507cfc-xmpl-4697-b07a-ac58fc914c95"
    log_group_name = "/aws/lambda/sluice-test"
    log_stream_name = "2026/11/25/[$LATEST]0"
    identity: Any = None
    client_context: Any = None

    def get_remaining_time_in_millis(self) -> int:
        return INVOCATION_S * 1000


def http(
    method: str,
    path: str,
    *,
    body: Any = None,
    raw: bytes | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    bearer: str | None = None,
    cookie: str | None = None,
) -> dict[str, Any]:
    """An API Gateway HTTP API event (payload 2.0). `body` goes as JSON, `raw` as it is."""
    sent = {"host": "localhost:8400", "user-agent": "tests", "x-forwarded-for": "203.0.113.7"}
    content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
    if content:
        sent |= {"content-type": "application/json", "content-length": str(len(content))}
    if bearer:
        sent["authorization"] = f"Bearer {bearer}"
    sent |= {name.lower(): value for name, value in (headers or {}).items()}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "ANY /{proxy+}",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": sent,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "a1b2c3d4e5",
            "domainName": "localhost",
            "domainPrefix": "localhost",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "tests",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "ANY /{proxy+}",
            "stage": "$default",
            "time": "25/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1795608000000,
        },
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = dict(query)
    if cookie:
        event["cookies"] = [cookie]
    if content:
        event |= _body(content)
    return event


def _body(content: bytes) -> dict[str, Any]:
    try:
        return {"body": content.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(content).decode(), "isBase64Encoded": True}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP handler's answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    cookies: Sequence[str] = ()

    @property
    def json(self) -> Any:
        return json.loads(self.content)


def answer_of(response: Mapping[str, Any]) -> Answer:
    """From the payload 2.0 response that a handler returns."""
    body = response.get("body", "")
    content = base64.b64decode(body) if response.get("isBase64Encoded") else body.encode()
    headers = {name.lower(): value for name, value in response.get("headers", {}).items()}
    return Answer(response["statusCode"], headers, content, response.get("cookies", ()))


def call(handler: Any, method: str, path: str, **parts: Any) -> Answer:
    """Send one HTTP request through a Lambda handler."""
    return answer_of(handler(http(method, path, **parts), Context()))


def sqs(queue: str, *bodies: str, attributes: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """A batch as SQS's event source mapping gives it; with raw delivery a body is the notice."""
    return {
        "Records": [
            _message(queue, number, body, attributes[number] if attributes else {})
            for number, body in enumerate(bodies)
        ]
    }


def _message(queue: str, number: int, body: str, attributes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "messageId": f"19dd0b57-b21e-4ac1-bd88-{number:012d}",
        "receiptHandle": f"AQEB{number}",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1795608000000",
            "SenderId": "AIDAIT2UOQQY3AUEKVGXU",
            "ApproximateFirstReceiveTimestamp": "1795608000010",
        },
        "messageAttributes": {
            name: {"stringValue": value, "dataType": "String"} for name, value in attributes.items()
        },
        "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
        "awsRegion": REGION,
    }


def succeeded(job: str, output: str, *, endpoint: str = "sluice-test-smollm2-135m") -> str:
    """SageMaker's notice of a finished asynchronous invocation, as raw delivery hands it on."""
    return json.dumps(
        {
            "awsRegion": REGION,
            "eventTime": "2026-11-25T12:00:05.123Z",
            "receivedTime": "2026-11-25T12:00:01.001Z",
            "invocationStatus": "Completed",
            "inferenceId": job,
            "eventVersion": "1.0",
            "eventSource": "aws:sagemaker",
            "eventName": "InferenceResult",
            "requestParameters": {
                "accept": "*/*",
                "contentType": "application/json",
                "endpointName": endpoint,
                "inputLocation": "",
            },
            "responseParameters": {"contentType": "application/json", "outputLocation": output},
        }
    )


def failed(
    job: str, failure: str, *, reason: str = "", endpoint: str = "sluice-test-smollm2-135m"
) -> str:
    """SageMaker's notice of a failed asynchronous invocation."""
    notice = json.loads(succeeded(job, "", endpoint=endpoint))
    del notice["responseParameters"]
    return json.dumps(
        notice
        | {
            "invocationStatus": "Failed",
            "failureReason": reason or "Model returned an error, see failureLocation",
            "failureLocation": failure,
        }
    )


def stream(
    table: str,
    name: str,
    keys: Mapping[str, str],
    *,
    new: Mapping[str, Any] | None = None,
    old: Mapping[str, Any] | None = None,
    sequence: int = 1,
) -> dict[str, Any]:
    """One record of a table's stream as its event source mapping gives it; `name` is INSERT,
    MODIFY or REMOVE, images are plain dicts."""
    change: dict[str, Any] = {
        "ApproximateCreationDateTime": 1795608000,
        "Keys": encode(keys),
        "SequenceNumber": f"{sequence:021d}",
        "SizeBytes": 100,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    if new is not None:
        change["NewImage"] = _plain(new)
    if old is not None:
        change["OldImage"] = _plain(old)
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}/stream/2026-11-25T00:00:00.000"
    record = {
        "eventID": f"{sequence:032x}",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": change,
        "eventSourceARN": arn,
    }
    return {"Records": [record]}


def _plain(image: Mapping[str, Any]) -> dict[str, Any]:
    """Streams carry binary values as base64 text."""
    return {
        name: {"B": base64.b64encode(bytes(value["B"])).decode()} if "B" in value else value
        for name, value in encode(image).items()
    }


def schedule(rule: str = "sweeper") -> dict[str, Any]:
    """What EventBridge sends every minute."""
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": "2026-11-25T12:00:00Z",
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/sluice-test-{rule}"],
        "detail": {},
    }
