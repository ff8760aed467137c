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
    job = of_item(new)
    logger.append_keys(job=job.id, account=job.account)
    announce(job)
