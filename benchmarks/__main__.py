"""`make bench`: calls, money, imports, CPU, time to the first result."""

import argparse
import os
import sys
from typing import Final

PARTS: Final = ("operations", "cost", "imports", "cpu", "laptop")

ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "LOG_LEVEL": "CRITICAL",
    "POWERTOOLS_SERVICE_NAME": "bench",
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"only these of: {', '.join(PARTS)}")
    chosen = parser.parse_args(arguments).parts or PARTS
    if strangers := set(chosen) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(strangers))}")
    os.environ |= ENVIRONMENT
    # Product code reads its environment at import, so it comes after.
    from benchmarks import cost, cpu, imports, laptop, operations

    if {"operations", "cost"} & set(chosen):
        cost.run(operations.run())
    for part in (imports, cpu, laptop):
        if part.__name__.rpartition(".")[2] in chosen:
            part.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
