"""The edge: the only way in, and the only one who says where a viewer is."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from stacks.api import PATHS
from stacks.config import Stage
from stacks.edge import VIEWER_ADDRESS
from stacks.web import PAGE_OF
from stacks.web_headers import content_security_policy
from tests.stacks.assemblies import IN_THE_CLOUD, functions, resources
from tests.stacks.conftest import NODE

SECRET = re.compile(r"\{\{resolve:secretsmanager:(sluice-[a-z]+-origin):SecretString:::\}\}")
VENV = Path(__file__).parent.parent.parent / ".sluice" / "venv"
RUN = "process.stdout.write(JSON.stringify(handler(JSON.parse(process.argv[1]))));"


@pytest.mark.parametrize("stage", IN_THE_CLOUD)
def test_every_route_asks_the_guard(synthesized: Mapping[str, Any], stage: str) -> None:
    ((name, guard),) = resources(synthesized[stage], "AWS::ApiGatewayV2::Authorizer").items()

    for route in resources(synthesized[stage], "AWS::ApiGatewayV2::Route").values():
        assert route["Properties"]["AuthorizationType"] == "CUSTOM"
        assert route["Properties"]["AuthorizerId"] == {"Ref": name.partition("/")[2]}

    properties = guard["Properties"]
    assert properties["AuthorizerPayloadFormatVersion"] == "2.0"
    assert properties["EnableSimpleResponses"] is True
    assert properties["AuthorizerResultTtlInSeconds"] == 300


@pytest.mark.parametrize("stage", IN_THE_CLOUD)
def test_the_edge_shows_the_secret_that_the_guard_asks_for(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    (edge,) = resources(synthesized[stage], "AWS::CloudFront::Distribution").values()
    (guard,) = resources(synthesized[stage], "AWS::ApiGatewayV2::Authorizer").values()
    guarding = functions(synthesized[stage])["edge-guard"]

    origins = edge["Properties"]["DistributionConfig"]["Origins"]
    (origin,) = [each for each in origins if "CustomOriginConfig" in each]
    (sent,) = origin["OriginCustomHeaders"]

    assert guard["Properties"]["IdentitySource"] == [f"$request.header.{sent['HeaderName']}"]
    shown = SECRET.fullmatch(sent["HeaderValue"])
    assert shown, "the template must refer to the secret and not hold it"
    assert guarding["Environment"]["Variables"]["ORIGIN_SECRET_ID"] == shown[1]
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


def services_that_ask_where_a_caller_is() -> set[str]:
    return {
        path.parts[1]
        for path in Path("functions").rglob("*.py")
        if "current_caller" in path.read_text(encoding="utf-8")
    }


@pytest.mark.parametrize("stage", IN_THE_CLOUD)
def test_functions_believe_the_edge_about_the_viewer(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    services = services_that_ask_where_a_caller_is()

    assert services == {"auth"}
    for service in services:
        variables = functions(synthesized[stage])[f"{service}-api"]["Environment"]["Variables"]
        assert variables["VIEWER_ADDRESS_HEADER"] == "x-viewer-address"


def test_without_an_edge_nobody_is_believed(synthesized: Mapping[str, Any]) -> None:
    for properties in functions(synthesized["local"]).values():
        assert not properties["Environment"]["Variables"].get("VIEWER_ADDRESS_HEADER")


@pytest.mark.parametrize("stage", IN_THE_CLOUD)
def test_the_viewers_address_is_written_on_every_request(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    (edge,) = resources(synthesized[stage], "AWS::CloudFront::Distribution").values()
    code = VIEWER_ADDRESS.read_text(encoding="utf-8")
    [(name, function)] = [
        (name, function)
        for name, function in resources(synthesized[stage], "AWS::CloudFront::Function").items()
        if function["Properties"]["FunctionCode"] == code
    ]
    behaviors = edge["Properties"]["DistributionConfig"]["CacheBehaviors"]
    doors = {path.split("/")[1] for path in PATHS}

    assert {each["PathPattern"] for each in behaviors} == {f"/{door}/*" for door in doors}
    for behavior in behaviors:
        (association,) = behavior["FunctionAssociations"]
        assert association["EventType"] == "viewer-request"
        assert association["FunctionARN"]["Fn::GetAtt"][0] == name.partition("/")[2]
    assert function["Properties"]["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::7"])
def test_the_viewers_own_word_is_overwritten(address: str) -> None:
    event: dict[str, Any] = {
        "version": "1.0",
        "context": {
            "distributionDomainName": "d111111abcdef8.cloudfront.net",
            "distributionId": "EDFDVBD6EXAMPLE",
            "eventType": "viewer-request",
            "requestId": "EXAMPLEntjQpEXAMPLE_SG5Z-EXAMPLEPmPfEXAMPLEu3EqEXAMPLE==",
        },
        "viewer": {"ip": address},
        "request": {
            "method": "POST",
            "uri": "/v1/auth/sign-in",
            "querystring": {},
            "headers": {
                "host": {"value": "dev.example.com"},
                "x-viewer-address": {
                    "value": "198.51.100.1",
                    "multiValue": [{"value": "198.51.100.1"}, {"value": "198.51.100.2"}],
                },
            },
            "cookies": {"sluice_session": {"value": "s"}},
        },
    }

    request = run(event)

    expected = event["request"] | {"headers": request["headers"]}
    assert request == expected
    assert request["headers"]["x-viewer-address"] == {"value": address}
    assert request["headers"]["host"] == {"value": "dev.example.com"}


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/", "/index.html"),
        ("/playground/sketch", "/index.html"),
        ("/assets/index-abc.js", "/assets/index-abc.js"),
    ],
)
def test_every_path_that_is_no_file_is_the_page(path: str, file: str) -> None:
    assert run({"request": {"uri": path}}, PAGE_OF) == {"uri": file}


@pytest.mark.parametrize("stage", IN_THE_CLOUD)
def test_the_web_is_read_by_the_edge_alone_and_runs_no_foreign_script(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    (policy,) = resources(synthesized[stage], "AWS::CloudFront::ResponseHeadersPolicy").values()
    (edge,) = resources(synthesized[stage], "AWS::CloudFront::Distribution").values()
    headers = policy["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    told = json.dumps(headers["ContentSecurityPolicy"]["ContentSecurityPolicy"])
    web = edge["Properties"]["DistributionConfig"]["DefaultCacheBehavior"]

    assert "script-src 'self';" in told
    assert "-files.s3." in told
    assert "Ref" in web["ResponseHeadersPolicyId"]
    assert resources(synthesized[stage], "AWS::CloudFront::OriginAccessControl")


def test_the_scripts_and_frames_of_a_challenge_may_run_where_there_is_one() -> None:
    with_one = content_security_policy(challenge="https://challenges.example.com/v0/api.js")

    assert "script-src 'self' https://challenges.example.com;" in with_one
    assert with_one.endswith("frame-src https://challenges.example.com")
    assert "frame-src" not in content_security_policy()


def run(event: Mapping[str, Any], function: Path = VIEWER_ADDRESS) -> Any:
    """What the function gives in Node, which knows all that CloudFront's own engine does."""
    code = function.read_text(encoding="utf-8") + RUN
    done = subprocess.run(
        [str(VENV / NODE), "-e", code, json.dumps(event)],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return json.loads(done.stdout)


def test_a_name_of_its_own_needs_a_certificate_and_the_same_public_url() -> None:
    given: dict[str, Any] = {
        "name": "x",
        "serving": "cloud",
        "region": "us-east-1",
        "mail_from": "no-reply@x.test",
    }

    with pytest.raises(ValueError, match="certificate"):
        Stage(public_url="https://x.test", domain="x.test", **given)
    with pytest.raises(ValueError, match="public_url"):
        Stage(public_url="https://y.test", domain="x.test", certificate_arn="arn", **given)
    own = Stage(public_url="https://x.test", domain="x.test", certificate_arn="arn", **given)
    assert own.domain == "x.test"
