"""The HTTP API's authorizer: only the stage's edge gets in."""

from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.edge.guard import handler
from tests.events import Context
from tests.replaced import ManualClock, forget_everything
from tests.stage import ACCOUNT, REGION

SECRET_ID = "sluice-test-origin"
FIRST, SECOND, THIRD = ("first" * 13)[:64], ("second" * 11)[:64], ("third" * 13)[:64]


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> Any:
    monkeypatch.setenv("ORIGIN_SECRET_ID", SECRET_ID)
    with mock_aws():
        forget_everything()
        client = boto3.client("secretsmanager", region_name=REGION)
        client.create_secret(Name=SECRET_ID, SecretString=FIRST)
        yield client


def authorization(shown: str) -> dict[str, Any]:
    """A REQUEST authorizer's event of an HTTP API, payload 2.0, for what CloudFront sends."""
    path = "/v1/inference/jobs"
    arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1b2c3d4e5/$default/POST{path}"
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": arn,
        "identitySource": [shown],
        "routeKey": "ANY /v1/inference/{proxy+}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "content-length": "2",
            "host": f"a1b2c3d4e5.execute-api.{REGION}.amazonaws.com",
            "user-agent": "Amazon CloudFront",
            "via": "2.0 3f1.cloudfront.net (CloudFront)",
            "x-forwarded-for": "203.0.113.7, 130.176.1.1",
            "x-origin-secret": shown,
            "x-viewer-address": "203.0.113.7",
        },
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "a1b2c3d4e5",
            "domainName": f"a1b2c3d4e5.execute-api.{REGION}.amazonaws.com",
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "130.176.1.1",
                "userAgent": "Amazon CloudFront",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "ANY /v1/inference/{proxy+}",
            "stage": "$default",
            "time": "25/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1795608000000,
        },
        "pathParameters": {"proxy": "jobs"},
    }


def is_let_in(shown: str) -> bool:
    answer = handler(authorization(shown), Context())
    assert answer.keys() == {"isAuthorized"}, "a simple response says nothing else"
    return answer["isAuthorized"]


@pytest.mark.usefixtures("secrets")
def test_the_edges_secret_opens() -> None:
    assert is_let_in(FIRST)


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize("shown", ["", FIRST[:-1], FIRST + "x", FIRST.upper(), SECOND, "sécret"])
def test_anything_else_does_not(shown: str) -> None:
    assert not is_let_in(shown)


@pytest.mark.usefixtures("secrets")
def test_a_request_without_an_identity_does_not() -> None:
    event = authorization("") | {"identitySource": None}

    assert handler(event, Context()) == {"isAuthorized": False}


def test_a_new_secret_opens_within_a_minute_and_the_one_before_still_does(
    secrets: Any, clock: ManualClock
) -> None:
    assert is_let_in(FIRST)
    secrets.put_secret_value(SecretId=SECRET_ID, SecretString=SECOND)

    clock.advance(60)

    assert is_let_in(SECOND)
    assert is_let_in(FIRST)


def test_the_secret_before_the_previous_opens_no_more(secrets: Any, clock: ManualClock) -> None:
    for secret in (SECOND, THIRD):
        secrets.put_secret_value(SecretId=SECRET_ID, SecretString=secret)

    assert is_let_in(THIRD)
    assert not is_let_in(FIRST)


def test_without_a_secret_nobody_is_let_in_and_the_operator_hears_of_it(secrets: Any) -> None:
    secrets.delete_secret(SecretId=SECRET_ID, ForceDeleteWithoutRecovery=True)

    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        handler(authorization(FIRST), Context())


@pytest.mark.usefixtures("secrets")
def test_a_refusal_is_logged_without_what_was_shown(caplog: pytest.LogCaptureFixture) -> None:
    is_let_in(SECOND)

    (logged,) = caplog.records
    assert vars(logged)["ip"] == "130.176.1.1"
    assert SECOND not in str(vars(logged))
