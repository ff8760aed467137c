"""Starting the platform, step by step."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Final

import httpx

from local import certificate, people
from local.background import bury, launch, running_ports, stop, wait_until_ready
from local.deploy import Deployment
from local.home import Home
from local.parts import all_parts, public_url
from local.ports import Ports, check_free
from local.progress import Progress

WARMED: Final = (
    "/v1/auth/whoami",
    "/v1/billing/prices",
    "/v1/content/policy",
    "/v1/inference/models",
)
WARM_TIMEOUT_S: Final = 60


@contextlib.contextmanager
def started(home: Home, ports: Ports, progress: Progress, *, faults: bool = False) -> Iterator[str]:
    """Everything up, or as it was; gives the demo account's key. What was begun is stopped again
    when something fails or is interrupted, here or in the context."""
    is_running = running_ports(home) is not None
    if not is_running:
        bury(home)
        check_free(ports)
    certificate.ensure(home)
    with contextlib.ExitStack() as begun:
        with Deployment(home, ports) as deployment:
            with progress.step("starting the emulator") as tell:
                if not is_running:
                    begun.callback(stop, home)
                    launch(home, ports, faults=faults)
                wait_until_ready(home, all_parts(home, ports)[0], tell)
            with progress.step("deploying the stacks with CDK, IAM enforced") as tell:
                deployment.finish(tell)
        with progress.step("waiting for the models' host, the classifiers and the front") as tell:
            for part in all_parts(home, ports):
                wait_until_ready(home, part, tell)
            _warm(public_url(ports))
        with progress.step("signing up the operator and the demo account"):
            key = people.ensure(home, ports, public_url(ports))
        yield key
        begun.pop_all()


def _warm(url: str) -> None:
    """Have the services' processes started meanwhile; whether that works, the next steps tell."""
    for path in WARMED:
        threading.Thread(target=_get, args=(url + path,), daemon=True).start()


def _get(url: str) -> None:
    with contextlib.suppress(httpx.HTTPError):
        httpx.get(url, timeout=WARM_TIMEOUT_S, trust_env=False)
