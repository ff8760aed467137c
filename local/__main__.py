"""The local platform: `python -m local up | down | reset | smoke`."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from local import background, smoke
from local.background import StartFailed
from local.cdk import DeploymentFailed
from local.client import Client, Refused
from local.home import SLUICE, Home, write_json
from local.main_job import CheckFailed, run_all
from local.parts import public_url
from local.platform import started
from local.ports import CHOICE, DEFAULT, Ports, PortTaken
from local.progress import Progress
from local.report import print_summary
from local.supervisor import Supervisor

STEPS = 5
FAILURES = (PortTaken, StartFailed, DeploymentFailed, CheckFailed, Refused, TimeoutError)
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    home, ports = Home(options.home), Ports(options.port)
    if options.command == "supervise":
        return Supervisor(home, ports, faults=options.faults).run()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        match options.command:
            case "up":
                up(home, ports)
            case "down":
                print("stopped" if background.stop(home) else "nothing was running")
            case "reset":
                background.forget(home)
                print(f"forgotten: {home.folder}")
            case "smoke":
                return smoke.run(Ports(options.port), keep=options.keep)
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
    running = background.running_ports(home) or ports
    if running != ports:
        print(f"it runs on port {running.front} already; `make down` before choosing another")
    ports, url = running, public_url(running)
    with started(home, ports, progress) as key, Client(url, key) as client:
        with progress.step("running the main job: nine jobs"):
            done = run_all(client, home.pictures)
        total_s = progress.total_s
        first_s = total_s - sum(row.seconds for row in done[1:])
        print_summary(progress.console, client, url, key, done)
    progress.console.print(f"ready in {total_s:.0f} s, the first answer after {first_s:.0f} s")
    timings = {"first_result_s": first_s, "total_s": total_s, "steps_s": progress.seconds}
    write_json(home.timings, timings)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) not in CHOICE:
        raise argparse.ArgumentTypeError(f"a port is from {CHOICE[0]} to {CHOICE[-1]}")
    return int(text)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument(
        "command",
        choices=["up", "down", "reset", "smoke", "supervise"],
        help="supervise stays in the foreground; up starts it",
    )
    # A string, so that it is parsed and complained about like the option.
    port = os.environ.get("SLUICE_PORT", str(DEFAULT))
    parser.add_argument("--port", type=_port, default=port, help="the front's; the parts' follow")
    parser.add_argument("--home", type=Path, default=SLUICE / "platform", help="all its state")
    parser.add_argument("--keep", action="store_true", help="smoke: keep its state and logs")
    parser.add_argument("--faults", action="store_true", help="supervise: doubles fail on demand")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
