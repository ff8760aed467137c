"""What goes wrong behind an asynchronous endpoint, and what a product hears of it."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.local.modelhost.conftest import BUCKET, Host

pytestmark = pytest.mark.xdist_group("modelhost")


def test_a_client_fault_is_a_failure_whose_object_says_why(host: Host) -> None:
    answer = host.invoke({"refuse": True}, InferenceId="refused")

    notice = host.notice("refused")
    assert notice["invocationStatus"] == "Failed"
    assert "Received client error (400) from model" in notice["failureReason"]
    error = json.loads(host.object(answer["FailureLocation"]))["error"]
    assert error == {"message": "Too long.", "code": "input_too_long"}


def test_a_broken_model_is_a_server_error(host: Host) -> None:
    host.invoke({"fail": True}, InferenceId="broken")

    assert "Received server error (500) from model" in host.notice("broken")["failureReason"]


def test_a_missing_input_fails_before_the_model(host: Host) -> None:
    location = f"s3://{BUCKET}/inputs/missing"

    answer = host.invoke({}, Body=None, InputLocation=location)

    assert host.notice(answer["InferenceId"])["invocationStatus"] == "Failed"


def test_an_invocation_over_its_time_fails_and_the_next_one_succeeds(host: Host) -> None:
    host.invoke({"sleep_s": 20}, InferenceId="slow", InvocationTimeoutSeconds=1)
    assert host.notice("slow")["invocationStatus"] == "Failed"

    host.invoke({}, InferenceId="after")
    assert host.notice("after")["invocationStatus"] == "Completed"


def test_a_model_that_dies_fails_its_invocation_only(host: Host) -> None:
    host.fault(kind="model_dies", target="echo")

    host.invoke({}, InferenceId="died")
    host.invoke({}, InferenceId="lives")

    first, second = host.notices(2)
    assert (first["inferenceId"], first["invocationStatus"]) == ("died", "Failed")
    assert (second["inferenceId"], second["invocationStatus"]) == ("lives", "Completed")


def test_notices_can_be_lost_and_doubled_on_demand(host: Host) -> None:
    host.fault(kind="lose_notice")
    host.fault(kind="duplicate_notice")

    lost = host.invoke({}, InferenceId="lost")
    host.invoke({}, InferenceId="twice")

    assert [one["inferenceId"] for one in host.notices(2)] == ["twice", "twice"]
    assert host.object(lost["OutputLocation"])


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("throttle", "ThrottlingException", 400),
        ("unavailable", "ServiceUnavailable", 503),
        ("internal", "InternalFailure", 500),
    ],
)
def test_the_api_fails_as_aws_does(host: Host, kind: str, code: str, status: int) -> None:
    host.fault(kind=kind, target="echo", times=1)

    with pytest.raises(ClientError) as failed:
        host.runtime.invoke_endpoint_async(EndpointName="sluice-test-echo", Body=b"{}")

    assert failed.value.response["Error"]["Code"] == code
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
