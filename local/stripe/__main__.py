"""Stripe's double: `python -m local.stripe --port 8404 --file state.db`."""

import argparse
from pathlib import Path

from local.doubles.faults import Faults
from local.doubles.serving import add_arguments, serve
from local.stripe.app import FAULTS, Double
from local.stripe.store import Store


def main() -> None:
    parser = argparse.ArgumentParser(prog="local.stripe", description=__doc__)
    add_arguments(parser)
    parser.add_argument("--file", type=Path, help="SQLite file of its objects; none without it")
    options = parser.parse_args()
    site = f"http://localhost:{options.port}"
    double = Double(Store(options.file), site, Faults(FAULTS))
    serve(double.app(with_faults=options.faults), options)


main()
