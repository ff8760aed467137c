"""Start the model host: `python -m local.modelhost --help` lists what it must be told."""

import argparse
import os
from pathlib import Path

from local.doubles import serving
from local.doubles.faults import Faults
from local.modelhost.app import FAULTS, Host, create_app
from local.modelhost.cloud import Cloud
from local.modelhost.endpoint import Endpoint, Surroundings
from local.modelhost.instance import Instance
from local.modelhost.settings import Places, served_models
from local.modelhost.worker import ROOT

DEFAULT_QUEUE_LIMIT = 100
DEFAULT_PYTHON = ROOT / ".sluice" / "models" / "bin" / "python"

EPILOG = """environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for S3 and SNS,
AWS_CA_BUNDLE when the emulator speaks TLS with a certificate of its own, AWS_REGION unless
--region is given, AWS_ENDPOINT_URL unless --endpoint-url is given. GET /healthz answers once
it serves."""


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local.modelhost",
        description="SageMaker's asynchronous endpoints on this machine, with real models.",
        epilog=EPILOG,
    )
    serving.add_arguments(parser)
    parser.add_argument("--models", type=Path, default=ROOT / "models", help="folder of the cards")
    parser.add_argument("--prefix", default="sluice-local", help="endpoints are PREFIX-{model id}")
    parser.add_argument("--files", required=True, help="bucket; results go to its raw/")
    parser.add_argument("--success-topic", required=True, metavar="ARN")
    parser.add_argument("--error-topic", required=True, metavar="ARN")
    parser.add_argument("--endpoint-url", help="the emulator's address")
    parser.add_argument("--region", default=os.environ.get("AWS_REGION", "us-east-1"))
    parser.add_argument("--account", default="000000000000", help="in the endpoints' ARNs")
    parser.add_argument(
        "--python", type=Path, default=DEFAULT_PYTHON, help="interpreter of the models' processes"
    )
    parser.add_argument("--queue-limit", type=int, default=DEFAULT_QUEUE_LIMIT, metavar="N")
    return parser


def endpoints(options: argparse.Namespace, faults: Faults) -> dict[str, Endpoint]:
    places = Places(
        output_path=f"s3://{options.files}/raw",
        failure_path=f"s3://{options.files}/raw",
        success_topic=options.success_topic,
        error_topic=options.error_topic,
        region=options.region,
        account=options.account,
    )
    around = Surroundings(
        places, Cloud(options.endpoint_url, options.region), faults, options.queue_limit
    )
    return {
        served.endpoint: Endpoint(served, Instance(served, options.python), around)
        for served in served_models(options.models, options.prefix)
    }


def main() -> None:
    options = arguments().parse_args()
    faults = Faults(FAULTS)
    host = Host(endpoints(options, faults), faults)
    serving.serve(create_app(host, take_faults=options.faults), options)


if __name__ == "__main__":
    main()
