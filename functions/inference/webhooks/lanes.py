"""The queue of lanes: a message says that something in a lane is due, once or more often.

A lost message costs a minute: the sweep of what is due sends it again.
"""

import json
from collections.abc import Sequence

from functions.inference.settings import settings
from sluice import aws

MAX_DELAY_S = 900
"""The longest that SQS holds a message back."""
BATCH_SIZE = 10


def wake(lane: str, delivery: str | None = None, delay_s: int = 0) -> None:
    """Have the lane worked; `delivery` is looked at even if no index shows it yet."""
    aws.client("sqs").send_message(
        QueueUrl=settings().webhooks_queue_url,
        MessageBody=_body(lane, delivery),
        DelaySeconds=min(max(delay_s, 0), MAX_DELAY_S),
    )


def wake_all(lanes: Sequence[str]) -> None:
    for first in range(0, len(lanes), BATCH_SIZE):
        entries = [
            {"Id": str(number), "MessageBody": _body(lane, None)}
            for number, lane in enumerate(lanes[first : first + BATCH_SIZE])
        ]
        aws.client("sqs").send_message_batch(
            QueueUrl=settings().webhooks_queue_url,
            Entries=entries,  # type: ignore[arg-type]  # typed dicts, made in a comprehension
        )


def _body(lane: str, delivery: str | None) -> str:
    return json.dumps({"lane": lane} | ({} if delivery is None else {"delivery": delivery}))
