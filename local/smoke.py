"""`make smoke`: the whole product without a person, on a platform of its own that is forgotten
afterwards. The exit status is the verdict."""

import tempfile
from pathlib import Path
from typing import Final

from local import background, compatible
from local.client import Client
from local.home import SLUICE, Home
from local.main_job import run_all
from local.parts import public_url
from local.platform import started
from local.ports import Ports, find_free
from local.progress import Progress
from local.report import print_bill, print_jobs

PORTS_APART: Final = 20
TRIES: Final = 5
"""A platform that is up already does not stand in the way, nor another smoke test."""
STEPS: Final = 7


def run(ports: Ports, *, keep: bool = False) -> int:
    """0 when every answer was right; raises what failed."""
    first = ports.front + PORTS_APART
    ports = find_free(range(first, first + TRIES * PORTS_APART, PORTS_APART))
    SLUICE.mkdir(exist_ok=True)
    home = Home(Path(tempfile.mkdtemp(prefix="smoke-", dir=SLUICE)))
    progress = Progress(STEPS)
    try:
        with started(home, ports, progress) as key, Client(public_url(ports), key) as client:
            with progress.step("running the main job: nine jobs"):
                done = run_all(client, home.pictures)
            with progress.step("the same through compatible clients"):
                done += compatible.run_all(public_url(ports), key, client, home.pictures)
            print_jobs(progress.console, done)
            print_bill(progress.console, client)
        with progress.step("stopping"):
            background.stop(home)
    finally:
        if keep:
            progress.console.print(f"kept: {home.folder}")
        else:
            background.forget(home)
    progress.console.print(f"smoke: every answer was right ({progress.total_s:.0f} s)")
    return 0
