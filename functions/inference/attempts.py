"""Queue handler: a lane of deliveries is due. The only function that talks to addresses which
customers name, so it may do little else."""

import json
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.inference.webhooks.runs import run
from sluice.log import logger

_processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Each message is a batch of its own, so that no lane waits for another."""
    return dict(process_partial_response(event, _record, _processor, context))


def _record(record: SQSRecord) -> None:
    logger.clear_state()
    message = json.loads(record.body)
    run(message["lane"], message.get("delivery"))
