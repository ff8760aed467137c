"""Queue handler: SageMaker's success and failure notices, one job each."""

import json
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.inference.endpoints import WAKE_PREFIX
from functions.inference.flow import service as flow
from functions.inference.jobs.completion import Failure, complete
from sluice.log import logger

_processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


class OutputMissing(Exception):
    """A notice of success came before its output could be read; the queue brings it again."""


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    response = process_partial_response(
        event=event, record_handler=_record, processor=_processor, context=context
    )
    return dict(response)


def _record(record: SQSRecord) -> None:
    notice = json.loads(record.body)
    job_id = notice["inferenceId"]
    logger.append_keys(job=job_id)
    if job_id.startswith(WAKE_PREFIX):
        return
    job = complete(job_id, _failure(notice))
    if job is None:
        logger.warning("a notice for no job of ours")
    elif not job.has_ended:
        raise OutputMissing(job_id)
    else:
        flow.let_go(job)
        flow.advance(job.account, job.model)


def _failure(notice: Mapping[str, Any]) -> Failure | None:
    """Everything but status and id is optional in the notices that SageMaker was seen to send."""
    if notice["invocationStatus"] == "Completed":
        return None
    location = (notice.get("responseParameters") or {}).get("outputLocation")
    return Failure(notice.get("failureReason", ""), location)
