"""The one public origin: CloudFront in front of the web and of the HTTP API, which answers to
nobody else."""

from pathlib import Path
from typing import Final

from aws_cdk import Annotations, App, CfnOutput, SecretValue
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_ssm as ssm

from stacks.config import Stage
from stacks.constructs.origin_guard import HEADER, ORIGIN
from stacks.constructs.stack import StageStack
from stacks.nag import accept
from stacks.web import Website

VIEWER_ADDRESS: Final = Path(__file__).parent / "constructs" / "viewer_address.js"
API_PATHS: Final = ("/v1/*", "/openai/*", "/v3/*", "/openapi/*")
"""What the HTTP API answers; everything else is the web's."""
PLACEHOLDER: Final = "example.com"


class EdgeStack(StageStack):
    def __init__(self, app: App, stage: Stage) -> None:
        super().__init__(app, stage, "edge")
        if PLACEHOLDER in stage.public_url + stage.mail_from:
            Annotations.of(self).add_warning_v2(
                "sluice:placeholder",
                f"the stage {stage.name} still has the addresses of {PLACEHOLDER}: docs/deploy.md",
            )
        certificate = stage.certificate_arn and acm.Certificate.from_certificate_arn(
            self, "Certificate", stage.certificate_arn
        )
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=stage.prefix,
            domain_names=[stage.domain] if stage.domain else None,
            certificate=certificate or None,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021
            if certificate
            else None,  # CloudFront's own certificate has a policy of its own
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            default_root_object="index.html",
            default_behavior=Website(self, stage).behavior,
            additional_behaviors=dict.fromkeys(API_PATHS, self._api()),
        )
        for rule, reason in (
            ("AwsSolutions-CFR1", "Users may call from anywhere; an operator adds what law asks."),
            ("AwsSolutions-CFR2", "CloudFront's free plan brings its own WAF; see docs/deploy.md."),
            ("AwsSolutions-CFR3", "The API's access log names every request already."),
            ("AwsSolutions-CFR4", "Only without a domain: CloudFront's own certificate allows it."),
        ):
            accept(distribution, rule, reason)
        CfnOutput(self, "Address", value=distribution.distribution_domain_name)

    def _api(self) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=self._origin(),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
            function_associations=[
                cloudfront.FunctionAssociation(
                    event_type=cloudfront.FunctionEventType.VIEWER_REQUEST,
                    function=cloudfront.Function(
                        self,
                        "ViewerAddress",
                        code=cloudfront.FunctionCode.from_file(file_path=str(VIEWER_ADDRESS)),
                        runtime=cloudfront.FunctionRuntime.JS_2_0,
                    ),
                )
            ],
        )

    def _origin(self) -> origins.HttpOrigin:
        """CloudFront writes its own headers over a viewer's of the same name. CloudFormation puts
        the secret in when it changes the distribution, so the template does not hold it."""
        stage = self.stage
        api_id = ssm.StringParameter.value_for_string_parameter(self, stage.parameter("api-id"))
        secret = SecretValue.secrets_manager(
            stage.secret_name(ORIGIN), version_id=stage.origin_secret_version
        )
        return origins.HttpOrigin(
            f"{api_id}.execute-api.{stage.region}.amazonaws.com",
            custom_headers={HEADER: secret.unsafe_unwrap()},
        )
