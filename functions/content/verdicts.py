"""Stream handler: jobs that moderation flagged or blocked go on the account's record."""

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from functions.content.record.service import record_job
from sluice.table import decode

_processor = BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Names the records that failed, so that the stream comes back with them."""
    return dict(process_partial_response(event, _handle, _processor, context))


def _handle(record: DynamoDBRecord) -> None:
    image = record.raw_event["dynamodb"].get("NewImage")
    if image is not None:  # a job that was removed had its verdicts recorded before
        record_job(decode(image))
