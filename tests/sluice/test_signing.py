"""Our signatures are botocore's, to the byte, whatever is signed."""

from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import NoCredentialsError

from sluice.signing import Signer

USER = ReadOnlyCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", None)
ROLE = ReadOnlyCredentials("ASIAEXAMPLE", "another", "a session's token")
SHORT = "https://dynamodb.eu-west-1.amazonaws.com/"
HEADERS = {"X-Amz-Target": "DynamoDB_20120810.GetItem", "User-Agent": "sluice", "Odd": " a   b "}


def signed(url: str, body: Any, who: ReadOnlyCredentials, **more: Any) -> Any:
    request: Any = AWSRequest("POST", url, HEADERS | more, data=body)
    Signer(who, "dynamodb", "eu-west-1").add_auth(request)
    return request


def as_botocore_signs(request: Any, who: ReadOnlyCredentials) -> str:
    """The same request at the same moment."""
    theirs: Any = SigV4Auth(who, "dynamodb", "eu-west-1")
    del request.headers["Authorization"]
    names = theirs.signed_headers(theirs.headers_to_sign(request))
    text = theirs.string_to_sign(request, theirs.canonical_request(request))
    return (
        f"AWS4-HMAC-SHA256 Credential={theirs.scope(request)}, "
        f"SignedHeaders={names}, Signature={theirs.signature(text, request)}"
    )


@pytest.mark.parametrize(
    "url",
    [
        SHORT,
        SHORT.removesuffix("/"),
        "http://localhost:8400/",
        "http://127.0.0.1:80/",
        "https://runtime.sagemaker.eu-west-1.amazonaws.com:443/endpoints/a-b_c/async-invocations",
        "https://bedrock-runtime.eu-west-1.amazonaws.com/guardrail/arn%3Aaws%3Aabc/version/1/apply",
        "https://sns.eu-west-1.amazonaws.com/a//b/../c/",
        "https://sns.eu-west-1.amazonaws.com/?b=2&a=1",
        "http://[::1]:8400/",
    ],
)
@pytest.mark.parametrize("body", [b'{"TableName": "jobs"}', b"", "text"])
@pytest.mark.parametrize("who", [USER, ROLE])
def test_a_signature_is_the_one_that_botocore_makes(
    url: str, body: Any, who: ReadOnlyCredentials
) -> None:
    request = signed(url, body, who)

    assert request.headers["Authorization"] == as_botocore_signs(request, who)


@pytest.mark.parametrize(
    "more",
    [
        {"Host": "jobs.example"},
        {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"},
        {"Date": "Tue, 03 Feb 2026 04:05:06 GMT"},
        {"X-Amz-Date": "20260101T000000Z", "X-Amz-Security-Token": "an older one"},
    ],
)
def test_headers_that_change_what_is_signed_are_heeded(more: dict[str, str]) -> None:
    request = signed(SHORT, b"{}", ROLE, **more)

    assert request.headers["Authorization"] == as_botocore_signs(request, ROLE)


def test_a_request_can_be_signed_again_by_somebody_else() -> None:
    request = signed(SHORT, b"{}", ROLE)

    Signer(USER, "dynamodb", "eu-west-1").add_auth(request)

    # The role's token stays, as botocore leaves it; the signature is the user's alone.
    assert request.headers.get_all("Authorization") == [as_botocore_signs(request, USER)]


def test_without_credentials_nothing_is_signed() -> None:
    with pytest.raises(NoCredentialsError):
        Signer(None, "dynamodb", "eu-west-1").add_auth(AWSRequest("POST", SHORT, {}, data=b""))
