"""Publishes what the accounts table announces: its stream's new `EVENT#` items, at least once."""

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.auth.settings import outbox_settings
from sluice import events
from sluice.table import decode

_processor = BatchProcessor(EventType.DynamoDBStreams)


def _publish(record: DynamoDBRecord) -> None:
    # Sluice's own decoding: Powertools' leaves Decimals, which JSON does not know.
    event = events.of_item(decode(record.raw_event["dynamodb"]["NewImage"]))
    events.publish(outbox_settings().events_topic_arn, event)


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Names the records that failed, so that the stream comes back with them alone."""
    return process_partial_response(event, _publish, _processor, context)
