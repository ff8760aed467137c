"""CPU that a cold start spends on imports, for each handler, against what it cannot do without."""

import os
import statistics
import subprocess
import sys
from typing import Final

from benchmarks.report import show
from local.home import ROOT, SLUICE

RUNS: Final = 7
BUDGET: Final = 1.25
CLIENT: Final = "import boto3; boto3.client('dynamodb')"
API_FLOOR: Final = (
    "import fastapi, mangum; from aws_lambda_powertools import Logger; Logger(); " + CLIENT
)
WORKER_FLOOR: Final = (
    "from aws_lambda_powertools import Logger; Logger(); "
    "import aws_lambda_powertools.utilities.batch; " + CLIENT
)
MEASURE: Final = (
    "import resource, sys; u = resource.getrusage(resource.RUSAGE_SELF); "
    "sys.stdout.write(str(u.ru_utime + u.ru_stime))"
)
HANDLERS: Final = {
    "auth.api": API_FLOOR,
    "billing.api": API_FLOOR,
    "content.api": API_FLOOR,
    "inference.api": API_FLOOR,
    "auth.closer": WORKER_FLOOR,
    "auth.followups": WORKER_FLOOR,
    "auth.outbox": WORKER_FLOOR,
    "billing.events": WORKER_FLOOR,
    "content.verdicts": WORKER_FLOOR,
    "inference.completed": WORKER_FLOOR,
    "inference.sweeper": WORKER_FLOOR,
    "inference.deliveries": WORKER_FLOOR,
    "inference.attempts": WORKER_FLOOR,
    "inference.due": WORKER_FLOOR,
}

FIRST_REQUEST: Final = "inference.api, and OpenAI's first request"
"""What comes late is somebody's to pay; the budget is for what everybody pays."""


def run() -> None:
    programs = {"floor of an API": API_FLOOR, "floor of a worker": WORKER_FLOOR}
    programs |= {
        name: f"import functions.{name}; from sluice import aws; aws.client('dynamodb')"
        for name in HANDLERS
    }
    programs[FIRST_REQUEST] = (
        f"{programs['inference.api']}; import functions.inference.openai.routes"
    )
    times: dict[str, list[float]] = {name: [] for name in programs}
    # In turn, so that a noisy moment hits all of them.
    for _ in range(RUNS):
        for name, program in programs.items():
            times[name].append(_cpu_ms(program))
    medians = {name: statistics.median(kept) for name, kept in times.items()}
    empty = statistics.median(_cpu_ms("pass") for _ in range(RUNS))
    rows = []
    for name, floor in (HANDLERS | {FIRST_REQUEST: API_FLOOR}).items():
        floor_ms = medians["floor of an API" if floor is API_FLOOR else "floor of a worker"] - empty
        ratio = (medians[name] - empty) / floor_ms
        within = "-" if name == FIRST_REQUEST else "yes" if ratio <= BUDGET else "no"
        rows.append((name, medians[name] - empty, floor_ms, ratio, within))
    show(
        "CPU of imports, ms (median of 7, the bare interpreter subtracted)",
        ["handler", "ms", "floor ms", "ratio", f"within {BUDGET} x"],
        rows,
        "Floor of an API: FastAPI, Mangum, Logger and one boto3 client; of a worker: Logger, the "
        "batch processor and one boto3 client. Packages come from the built layer. inference.api "
        "imports what takes and shows jobs; the compatible families, webhooks, uploads and models "
        "come with the first request for them (functions/inference/late.py).",
    )


def _cpu_ms(program: str) -> float:
    deps = SLUICE / "layers" / "local" / "deps" / "python"
    path = os.pathsep.join(map(str, (deps, ROOT / "layers" / "sluice" / "python", ROOT)))
    environment = {
        "PYTHONPATH": path,
        "PATH": os.environ["PATH"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "POWERTOOLS_SERVICE_NAME": "bench",
    }
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"{program}\n{MEASURE}"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return float(done.stdout) * 1000
