"""The local platform: `python -m local up | down | reset | smoke`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from local import platform, smoke
from local.client import Client, Refused
from local.deploy import DeploymentFailed, public_url
from local.home import SLUICE, Home, write_json
from local.main_job import CheckFailed, run_all
from local.ports import DEFAULT, Ports, PortTaken
from local.progress import Progress
from local.report import print_summary
from local.supervisor import Supervisor

STEPS = 5
FAILURES = (PortTaken, platform.StartFailed, DeploymentFailed, CheckFailed, Refused, TimeoutError)
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    home, ports = Home(options.home), Ports(options.port)
    try:
        match options.command:
            case "up":
                up(home, platform.running_ports(home) or ports)
            case "down":
                print("stopped" if platform.stop(home) else "nothing was running")
            case "reset":
                platform.forget(home)
                print(f"forgotten: {home.folder}")
            case "smoke":
                return smoke.run(Ports(options.port), keep=options.keep)
            case "supervise":
                return Supervisor(home, ports).run()
    except FAILURES as failure:
        print(f"\n{failure}\n\n`make {options.command}` failed; see above.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted: everything that was begun is stopped", file=sys.stderr)
        return INTERRUPTED
    return 0


def up(home: Home, ports: Ports) -> None:
    """Start, run the main job once, and say how to go on."""
    progress = Progress(STEPS)
    key = platform.start(home, ports, progress)
    with (
        progress.step("running the main job: chat, embeddings, a larger picture"),
        Client(public_url(ports), key) as client,
    ):
        done = run_all(client, home.pictures)
    write_json(home.timings, {"total_s": progress.total_s, "steps_s": progress.seconds})
    with Client(public_url(ports), key) as client:
        print_summary(progress.console, client, public_url(ports), key, done)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument(
        "command",
        choices=["up", "down", "reset", "smoke", "supervise"],
        help="supervise stays in the foreground; up starts it",
    )
    port = int(os.environ.get("SLUICE_PORT", DEFAULT))
    parser.add_argument("--port", type=int, default=port, help="the front's; the parts' follow")
    parser.add_argument("--home", type=Path, default=SLUICE / "platform", help="all its state")
    parser.add_argument("--keep", action="store_true", help="smoke: keep its state and logs")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
