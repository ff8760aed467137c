"""Merges the four services' applications into `openapi.json`, the one description of the API.

    python -m ops openapi            write it
    python -m ops openapi --check    say whether it is what the routes say

The models' own schemas stand in it too, as `<model id>.input` and `<model id>.output`: a job's
`input` is one of them, chosen by its `model`.
"""

import argparse
import importlib
import json
import re
import sys
from functools import cache
from typing import Final

from ops.drift import write_or_compare
from ops.openapi.merging import ClashError, merge
from ops.openapi.sharing import share_refusals
from ops.paths import MODELS, ROOT

__all__ = ["ClashError", "describe", "main", "merge"]

SERVICES: Final = ("auth", "billing", "content", "inference")
OPENAPI: Final = ROOT / "openapi.json"
_LONE_REFERENCE: Final = re.compile(r'\{\s+("\$ref": "[^"]+")\s+\}')
"""Half of the lines otherwise."""


@cache
def describe() -> str:
    """The document's text, from the applications and the catalogue as this process finds them."""
    apps = [importlib.import_module(f"functions.{service}.api").app for service in SERVICES]
    models = json.loads((MODELS / "catalog.json").read_text(encoding="utf-8"))["models"]
    document = merge([app.openapi() for app in apps], models)
    share_refusals(document)
    written = json.dumps(document, indent=1, ensure_ascii=False)
    return _LONE_REFERENCE.sub(r"{\1}", written) + "\n"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="sluicectl openapi", description=__doc__)
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        text = describe()
    except ClashError as error:
        print(error, file=sys.stderr)
        return 1
    return write_or_compare(OPENAPI, text, compare=chosen.check, command="make openapi")
