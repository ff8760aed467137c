"""The one public origin: CloudFront in front of the HTTP API."""

from aws_cdk import App, CfnOutput
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_ssm as ssm

from stacks.config import Stage
from stacks.constructs.stack import StageStack
from stacks.nag import accept


class EdgeStack(StageStack):
    def __init__(self, app: App, stage: Stage) -> None:
        super().__init__(app, stage, "edge")
        api_id = ssm.StringParameter.value_for_string_parameter(self, stage.parameter("api-id"))
        certificate = stage.certificate_arn and acm.Certificate.from_certificate_arn(
            self, "Certificate", stage.certificate_arn
        )
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=stage.prefix,
            domain_names=[stage.domain] if stage.domain else None,
            certificate=certificate or None,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.HttpOrigin(f"{api_id}.execute-api.{stage.region}.amazonaws.com"),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
                allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
                cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
                response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
            ),
        )
        for rule, reason in (
            ("AwsSolutions-CFR1", "Users may call from anywhere; an operator adds what law asks."),
            ("AwsSolutions-CFR2", "CloudFront's free plan brings its own WAF; see docs/deploy.md."),
            ("AwsSolutions-CFR3", "The API's access log names every request already."),
            ("AwsSolutions-CFR4", "Only without a domain: CloudFront's own certificate allows it."),
        ):
            accept(distribution, rule, reason)
        CfnOutput(self, "Address", value=distribution.distribution_domain_name)
