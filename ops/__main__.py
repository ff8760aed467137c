"""sluicectl: what an operator does that is not an API call."""

import argparse
import importlib
import sys
from typing import Final

COMMANDS: Final = {
    "acceptance": "walk the main job on a deployed stage",
    "accounts": "suspend and restore accounts",
    "audit": "check that a ledger adds up",
    "catalog": "compile the model cards into models/catalog.json",
    "check": "run every static check",
    "doctor": "say what an AWS account still lacks",
    "images": "resolve the serving containers into models/images.lock.json",
    "layers": "build the Lambda layer of third-party packages",
    "lock": "resolve the requirements anew",
    "openapi": "write openapi.json from the four services",
    "operators": "appoint, dismiss and list operators",
    "permissions": "write the table of roles and permissions into docs/",
    "repository": "find what must not stand in the repository",
    "synth": "write the templates of every stage",
    "web": "send the built web to a stage's bucket",
    "weights": "send a model's weights to a stage's bucket",
}


def main(arguments: list[str]) -> int:
    listing = "\n".join(f"  {name:11} {what}" for name, what in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="sluicectl",
        usage="sluicectl COMMAND ...",
        epilog=f"commands:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="see below")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    chosen = parser.parse_args(arguments)
    # Each command imports its own world (FastAPI, CDK, SageMaker): only the one that was asked for.
    module = importlib.import_module(f"ops.{chosen.command}")
    return int(module.main(chosen.arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
