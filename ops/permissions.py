"""Writes `docs/permissions.md`: the table of roles and permissions, as the code has it.

python -m ops permissions            write it
python -m ops permissions --check    say whether it is what the code says
"""

import argparse
from typing import Final

from ops.drift import write_or_compare
from ops.paths import ROOT
from sluice.permissions import PERMISSIONS, ROLES

PAGE: Final = ROOT / "docs" / "permissions.md"
HEAD: Final = """# Permissions

Written by `make permissions` from `sluice/permissions.py`, where every route's check looks.

A session acts in the role that its user has in the account; of one's own account everybody is the
owner. A key has the scopes that it was given, never more than its maker had. Without the permission
that a route asks for (`openapi.json` names it) the answer is 403 `forbidden`.
"""


def page() -> str:
    """The whole page."""
    columns = ["permission", "permits to", *ROLES, "keys"]
    rows = [
        [f"`{name}`", each.permits]
        + [_mark(role in each.roles) for role in ROLES]
        + [_mark(each.for_keys)]
        for name, each in PERMISSIONS.items()
    ]
    lines = [columns, ["---"] * len(columns), *rows]
    return HEAD + "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _mark(has: bool) -> str:
    return "yes" if has else ""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="sluicectl permissions", description=__doc__)
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args(arguments)
    return write_or_compare(PAGE, page(), compare=chosen.check, command="make permissions")
