"""What a million jobs cost in AWS's prices, and an idle month: counted operations x list prices."""

from collections.abc import Mapping
from typing import Final

from benchmarks.counting import Spent
from benchmarks.report import show
from ops.cards import SCREENING_NANOS
from sluice.catalog import get_card

MILLION: Final = 1_000_000
NANOS_PER_USD: Final = 1_000_000_000
# us-east-1, USD, without the free tier. Where AWS bills by the million, these are its prices.
HTTP_API: Final = 1.00
LAMBDA_REQUEST: Final = 0.20
LAMBDA_GB_S: Final = 0.0000133334
READ_UNIT: Final = 0.125
WRITE_UNIT: Final = 0.625
S3_WRITE: Final = 5.00
S3_READ: Final = 0.40
SNS: Final = 0.50
SQS: Final = 0.40
LOGS_GB: Final = 0.50
SCREENED_TEXT: Final = SCREENING_NANOS["text"] / NANOS_PER_USD * MILLION
SCREENED_IMAGE: Final = SCREENING_NANOS["image"] / NANOS_PER_USD * MILLION

MEMORY_GB: Final = 0.5
ACCEPT_S, COMPLETE_S, READ_S, TELL_S = 0.060, 0.050, 0.020, 0.020
"""Assumed billed durations at 512 MB on ARM, cold starts aside."""
SEND_S: Final = 0.040
"""To send a job that waited, beyond what was saved when it was accepted."""
NOTICES_PER_BATCH: Final = 5
SQS_CALLS_PER_NOTICE: Final = 1 + 2 / NOTICES_PER_BATCH
LOG_GB_PER_MILLION: Final = 0.6
JOB_BUDGET_USD: Final = 20.0
IDLE_BUDGET_USD: Final = 2.0
SWEPT_SHARDS: Final = 8 + 4
"""Of the index of open holds, and of that of flows in which jobs wait."""


def run(spent: Mapping[str, Spent]) -> None:
    read = spent["read a chat's result"]
    text = _job(spent["accept chat"], spent["complete chat"], read)
    # Whoever ends sends the next, so each that waited is sent at the cost of one that ends.
    waited = _job(
        spent["accept chat that must wait"],
        spent["complete chat, and send the one that waits"],
        read,
        seconds=SEND_S,
    )
    image = _job(spent["accept upscale"], spent["complete upscale"], read)
    jobs = text, waited, image
    rows: list[tuple[object, ...]] = [(name, *(job[name] for job in jobs)) for name in text]
    rows.append(("sum", *(sum(job.values()) for job in jobs)))
    for_text, for_image = _artefacts(spent)
    rows.append(
        ("artefacts: S3 of SageMaker's output and ours", for_text, for_text, for_image),
    )
    screened = SCREENED_TEXT, SCREENED_TEXT, SCREENED_IMAGE
    rows.append(("moderation, input and output", *(2 * usd for usd in screened)))
    charged = map(_flat, ("qwen2-5-7b", "qwen2-5-7b", "span-x4"))
    rows.append(("what the cards' flat `request` charges", *charged))
    show(
        "USD for a million jobs: accepted, completed, read once; without GPU",
        ["part", "text in and inline", "text that waited", "picture"],
        rows,
        f"Budget for text: {JOB_BUDGET_USD:.0f} USD without artefacts and moderation, which every "
        "request pays for; what is screened beyond 1,000 characters is in the price of tokens. "
        "A job that waits for a slot misses it, and will: a place in the queue is written and "
        "taken away, and its start is one more transaction, over four items that are each paid for "
        "twice (docs/decisions/slots-and-queues.md). "
        f"Assumed: {ACCEPT_S * 1000:.0f}, {COMPLETE_S * 1000:.0f} and "
        f"{READ_S * 1000:.0f} ms of Lambda, {SEND_S * 1000:.0f} more to send one that waited, "
        f"{NOTICES_PER_BATCH} notices in a batch, {LOG_GB_PER_MILLION} GB of logs.",
    )
    _idle()


def _job(accept: Spent, complete: Spent, read: Spent, seconds: float = 0) -> dict[str, float]:
    """`seconds` are billed beyond what every job takes."""
    parts = (accept, complete, read)
    gb_s = MEMORY_GB * (ACCEPT_S + COMPLETE_S + READ_S + seconds) * MILLION
    return {
        "HTTP API (submit, read)": 2 * HTTP_API,
        "Lambda": (2 + 1 / NOTICES_PER_BATCH) * LAMBDA_REQUEST + gb_s * LAMBDA_GB_S,
        "DynamoDB writes": sum(part.write_units for part in parts) * WRITE_UNIT,
        "DynamoDB reads": sum(part.read_units for part in parts) * READ_UNIT,
        "SNS and SQS": SNS + SQS_CALLS_PER_NOTICE * SQS,
        "logs": LOG_GB_PER_MILLION * LOGS_GB,
        # Whoever wants no webhook is looked up as well: one read for each end.
        "webhooks: is anybody to be told": LAMBDA_REQUEST
        + MEMORY_GB * TELL_S * MILLION * LAMBDA_GB_S
        + READ_UNIT,
    }


def _flat(model: str) -> float:
    return float(get_card(model).prices.rates["request"]) / NANOS_PER_USD * MILLION


def _artefacts(spent: Mapping[str, Spent]) -> tuple[float, float]:
    """SageMaker's own output object, and what the counted calls put and get."""
    sums = []
    for task in ("chat", "upscale"):
        calls = spent[f"accept {task}"].calls + spent[f"complete {task}"].calls
        writes = 1 + calls["s3.PutObject"] + calls["s3.CopyObject"]
        sums.append(writes * S3_WRITE + calls["s3.GetObject"] * S3_READ)
    return sums[0], sums[1]


def _idle() -> None:
    sweeps = 30 * 24 * 60
    polls = 3 * 5 * 3 * sweeps  # three mapped queues, five pollers each, a long poll every 20 s
    rows: list[tuple[str, float]] = [
        ("two secrets: root, origin", 0.80),
        ("11 alarms (10 are free; counted as if not)", 1.10),
        ("dashboard (3 are free; counted as if not)", 3.00),
        ("sweeper, every minute", sweeps * (LAMBDA_REQUEST / MILLION + 0.05 * LAMBDA_GB_S)),
        ("sweeper's reads", sweeps * SWEPT_SHARDS * READ_UNIT / MILLION),
        ("queue polls", polls * SQS / MILLION),
        ("sweep of webhooks", sweeps * (LAMBDA_REQUEST / MILLION + 0.02 * LAMBDA_GB_S)),
        ("its reads", sweeps * 2 * READ_UNIT / MILLION),
    ]
    rows.append(("sum", sum(usd for _, usd in rows)))
    free = 1.00 + 3.00 + rows[3][1] + min(rows[5][1], 0.40) + rows[6][1]
    rows.append(("sum within AWS's always-free allowances", rows[-1][1] - free))
    show(
        "USD for an idle month, no model switched on",
        ["part", "USD"],
        rows,
        f"Budget: {IDLE_BUDGET_USD:.0f} USD. Storage is nothing yet; CloudFront's free plan is 0.",
    )
