"""InvokeEndpointAsync as a real boto3 client sees it."""

import json
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.local.modelhost.conftest import BUCKET, Host

pytestmark = pytest.mark.xdist_group("modelhost")


def test_an_inline_body_becomes_an_object_and_a_notice(host: Host) -> None:
    answer = host.invoke(
        {"hello": "world"}, InferenceId="job_1", S3OutputPathExtension="job_1", Filename="output"
    )

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert answer["InferenceId"] == "job_1"
    assert answer["OutputLocation"] == f"s3://{BUCKET}/raw/job_1/output"
    assert answer["FailureLocation"].startswith(f"s3://{BUCKET}/raw/job_1/")
    notice = host.notice("job_1")
    assert notice["invocationStatus"] == "Completed"
    assert notice["eventName"] == "InferenceResult"
    assert notice["requestParameters"] == {
        "endpointName": "sluice-test-echo",
        "contentType": "application/json",
    }
    assert notice["responseParameters"] == {
        "contentType": "application/json",
        "outputLocation": answer["OutputLocation"],
    }
    assert json.loads(host.object(answer["OutputLocation"])) == {"echo": {"hello": "world"}}


def test_an_input_location_is_read_from_the_bucket(host: Host) -> None:
    host.s3.put_object(Bucket=BUCKET, Key="inputs/job_2", Body=b'{"from": "s3"}')

    answer = host.invoke({}, Body=None, InputLocation=f"s3://{BUCKET}/inputs/job_2")

    notice = host.notice(answer["InferenceId"])
    assert notice["requestParameters"]["inputLocation"] == f"s3://{BUCKET}/inputs/job_2"
    assert json.loads(host.object(answer["OutputLocation"])) == {"echo": {"from": "s3"}}


def test_without_a_filename_the_object_is_not_named_after_the_inference(host: Host) -> None:
    answer = host.invoke({}, InferenceId="job_3")

    assert "job_3" not in answer["OutputLocation"]
    assert host.notice("job_3")["responseParameters"]["outputLocation"] == answer["OutputLocation"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"RequestTTLSeconds": 59},
        {"RequestTTLSeconds": 21_601},
        {"InvocationTimeoutSeconds": 3_601},
        {"Filename": "two..dots.png"},
        {"Filename": "x" * 33},
        {"S3OutputPathExtension": "s3://elsewhere"},
        {"InferenceId": "x" * 65},
        {"InputLocation": "s3://bucket/key"},
        {"Body": None},
        {"Body": b"x" * 128_001},
        {"EndpointName": "sluice-test-cloud-only"},
    ],
    ids=str,
)
def test_what_aws_refuses_is_a_validation_error(host: Host, wrong: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as refused:
        host.invoke({}, **wrong)

    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_unsigned_request_is_refused(host: Host) -> None:
    answer = httpx.post(f"{host.url}/endpoints/sluice-test-echo/async-invocations", content=b"{}")

    assert answer.status_code == 403
    assert answer.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"
