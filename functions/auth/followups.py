"""Does what must follow a change even if whoever made it died, at least once: by the accounts
table's new `NOTICE#` items it ends the keys of secured and closed accounts, tells keys of accepted
documents and changed budgets, and writes to the owners."""

from collections.abc import Mapping
from typing import Any, Final

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from functions.auth.documents import store as documents
from functions.auth.keys import revocation
from functions.auth.mail import notices
from functions.auth.mail.service import send
from functions.auth.members import budgets
from functions.auth.settings import settings
from sluice import clock
from sluice.caller import Caller
from sluice.log import logger
from sluice.table import decode

SECURED: Final = {"account_secured", "organization_secured", "account_closed"}

_processor = BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Names the records that failed, so that the stream comes back with them alone."""
    return dict(process_partial_response(event, _follow, _processor, context))


def _follow(record: DynamoDBRecord) -> None:
    notice = decode(record.raw_event["dynamodb"]["NewImage"])
    logger.append_keys(notice=notice["id"])
    if notice["kind"] in SECURED:
        _end_keys(notice["facts"])
    if notice["kind"] == "member_budget_changed":
        budgets.tell_keys(notice["facts"]["account"], notice["facts"]["user"])
    if notice["kind"] == "documents_accepted":
        documents.tell_keys(notice["facts"]["user"], notice["facts"]["accepted"])
    at = clock.iso(notice["at_ms"])
    send(notice["to"], notices.letter(notice["kind"], at, settings().public_url))


def _end_keys(facts: Mapping[str, Any]) -> None:
    caller = Caller(facts["address"], facts["request"])
    ended = revocation.end_all(facts["account"], facts["epoch"], facts["user"], caller)
    logger.info("keys ended", extra={"account": facts["account"], "ended": ended})
