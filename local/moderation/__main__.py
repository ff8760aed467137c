"""Start the moderation double: `python -m local.moderation --help`.

It runs in the models' environment (.sluice/models), where the classifiers are.
"""

import argparse
import os
from typing import Any

import boto3
from botocore.config import Config

from local.doubles import serving
from local.doubles.faults import Faults
from local.moderation.app import FAULTS, Classifiers, Double, create_app
from local.moderation.images import ImageClassifier
from local.moderation.rekognition import Reader
from local.moderation.training import classifier

EPILOG = """environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to read pictures from S3,
AWS_CA_BUNDLE when the emulator speaks TLS with a certificate of its own, AWS_REGION unless
--region is given, AWS_ENDPOINT_URL unless --endpoint-url is given. GET /healthz answers once
the classifiers are loaded."""


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local.moderation",
        description="Bedrock Guardrails and Rekognition on this machine, with real classifiers.",
        epilog=EPILOG,
    )
    serving.add_arguments(parser)
    parser.add_argument("--endpoint-url", help="the emulator's address")
    parser.add_argument("--region", default=os.environ.get("AWS_REGION", "us-east-1"))
    return parser


def object_reader(endpoint_url: str | None, region: str) -> Reader:
    """Reads at most so many bytes of an object."""
    config = Config(
        connect_timeout=2,
        read_timeout=10,
        retries={"mode": "standard", "total_max_attempts": 2},
        s3={"addressing_style": "path"},
    )
    client: Any = boto3.client("s3", region_name=region, endpoint_url=endpoint_url, config=config)

    def read(bucket: str, key: str, limit_bytes: int) -> bytes:
        content: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read(limit_bytes)
        return content

    return read


def main() -> None:
    options = arguments().parse_args()
    classifiers = Classifiers(classifier(), ImageClassifier())
    double = Double(
        classifiers, object_reader(options.endpoint_url, options.region), Faults(FAULTS)
    )
    serving.serve(create_app(double, take_faults=options.faults), options)


if __name__ == "__main__":
    main()
