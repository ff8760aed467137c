"""Queue handler: what other services announced. A verified user gets a balance and the free
grant; of an account that was secured nothing more is held by what it had before."""

import json
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.billing.epochs.service import secure
from functions.billing.grants.service import welcome
from sluice import events
from sluice.log import logger

_processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Names the messages that failed, so that the queue brings those alone again."""
    return dict(process_partial_response(event, _handle, _processor, context))


def _handle(record: SQSRecord) -> None:
    event = events.of_item(json.loads(record.body))
    logger.append_keys(event=event.id)
    match event.type:
        case "user.verified":
            welcome(event.data["account"], event.data["person"])
        case "account.secured":
            secure(event.data["account"], event.data["epoch"])
        case _:
            logger.warning("an event that billing does not know", extra={"type": event.type})
