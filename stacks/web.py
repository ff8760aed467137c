"""The web at the edge: its files in S3, read by CloudFront alone, with the headers of
`stacks.web_headers`. `sluicectl web` sends the files."""

from pathlib import Path
from typing import Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.config import Stage
from stacks.nag import accept
from stacks.web_headers import HSTS_S, SECURITY_HEADERS, content_security_policy

PAGE_OF: Final = Path(__file__).parent / "constructs" / "page_of.js"
OWN_FIELDS: Final = {"x-content-type-options", "x-frame-options", "referrer-policy"}
"""Headers that CloudFront has fields of their own for."""


class Website(Construct):
    """`behavior` serves a file as it is, and the page under every other path."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        super().__init__(scope, "Website")
        self.stage = stage
        self.behavior = cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(self._bucket()),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=self._headers(),
            compress=True,
            function_associations=[
                cloudfront.FunctionAssociation(
                    event_type=cloudfront.FunctionEventType.VIEWER_REQUEST,
                    function=cloudfront.Function(
                        self,
                        "PageOf",
                        code=cloudfront.FunctionCode.from_file(file_path=str(PAGE_OF)),
                        runtime=cloudfront.FunctionRuntime.JS_2_0,
                    ),
                )
            ],
        )

    def _bucket(self) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Files",
            bucket_name=self.stage.web_bucket_name,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            removal_policy=RemovalPolicy.DESTROY if self.stage.removable else RemovalPolicy.RETAIN,
        )
        accept(bucket, "AwsSolutions-S1", "It holds what everybody may read, and CloudFront asks.")
        return bucket

    def _headers(self) -> cloudfront.ResponseHeadersPolicy:
        named = cloudfront.ResponseCustomHeader
        return cloudfront.ResponseHeadersPolicy(
            self,
            "Headers",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=content_security_policy(
                        *self._presigned(),
                        challenge=self.stage.challenge.script if self.stage.challenge else None,
                    ),
                    override=True,
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.SAME_ORIGIN, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.seconds(HSTS_S),
                    include_subdomains=True,
                    override=True,
                ),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    named(header=name, value=value, override=True)
                    for name, value in SECURITY_HEADERS.items()
                    if name not in OWN_FIELDS
                ]
            ),
        )

    def _presigned(self) -> tuple[str, str]:
        """Both names that S3 has for the bucket of results and uploads."""
        bucket = self.stage.bucket_name
        return (
            f"https://{bucket}.s3.{self.stage.region}.amazonaws.com",
            f"https://{bucket}.s3.amazonaws.com",
        )
