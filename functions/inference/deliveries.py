"""Stream handler: the end of a job becomes deliveries to whoever wants to be told."""

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from functions.inference.jobs.job import ENDED
from functions.inference.jobs.store import of_item
from functions.inference.webhooks.arrivals import announce
from sluice.log import logger
from sluice.table import decode

_OUR_MISTAKES = (LookupError, TypeError, ValueError)
_processor = BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Names the records that failed, so that the stream comes back with them."""
    return dict(process_partial_response(event, _handle, _processor, context))


def _handle(record: DynamoDBRecord) -> None:
    """Only the change that ended a job counts, whatever changes of it later."""
    images = record.raw_event["dynamodb"]
    new, old = decode(images.get("NewImage", {})), decode(images.get("OldImage", {}))
    if new.get("sk") != "JOB" or new["status"] not in ENDED or old.get("status") in ENDED:
        return
    logger.append_keys(job=new["pk"], account=new["account"])
    try:
        announce(of_item(new))
    except _OUR_MISTAKES:
        # The stream is patient for a day, so that no outage loses an event; for a record that can
        # never be handled it would keep all those behind it waiting.
        logger.exception("an event that nobody can be told of")
