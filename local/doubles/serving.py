"""How a double serves: loopback only, TLS when it is given a certificate."""

import argparse
import logging
import sys

import uvicorn
from starlette.applications import Starlette

SHUTDOWN_S = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1")
    parser.add_argument("--tls-certificate", help="PEM file; plain HTTP without it")
    parser.add_argument("--tls-key", help="PEM file")
    parser.add_argument("--faults", action="store_true", help="take faults at /_faults; for tests")


def serve(app: Starlette, options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=options.port,
        access_log=False,
        log_level="warning",
        ssl_certfile=options.tls_certificate,
        ssl_keyfile=options.tls_key,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
