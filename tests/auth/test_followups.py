"""What was done to an account reaches its owner, even when mail was down."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.auth.followups import handler
from functions.auth.mail import notices
from functions.auth.mail.store import notify
from sluice import aws as product_aws
from tests import events
from tests.auth.conftest import mails_to
from tests.replaced import ManualClock
from tests.stage import Stage


def records(aws: Stage) -> dict[str, Any]:
    """The notices of the accounts table, as its stream brings them."""
    found = sorted(
        (item for item in aws.scan("accounts") if item["sk"] == "NOTICE"), key=lambda i: i["pk"]
    )
    each = [
        events.stream(
            aws.table("accounts"), "INSERT", {"pk": i["pk"], "sk": i["sk"]}, new=i, sequence=n
        )["Records"][0]
        for n, i in enumerate(found, 1)
    ]
    return {"Records": each}


def test_a_notice_is_mailed_with_its_time(aws: Stage, clock: ManualClock) -> None:
    notify("ada@example.com", "password_changed").send()

    answer = handler(records(aws), events.Context())

    assert answer == {"batchItemFailures": []}
    [mail] = mails_to("ada@example.com")
    assert "2026-11-25T12:00:00.000Z" in mail
    assert "http://localhost:8400" in mail


def test_a_notice_that_could_not_be_mailed_comes_again_alone(aws: Stage) -> None:
    notify("ada@example.com", "password_changed").send()
    notify("bob@example.com", "password_changed").send()
    batch = records(aws)
    refused = batch["Records"][1]["dynamodb"]["NewImage"]["to"]["S"]

    def refuse(params: dict[str, Any], **_: Any) -> None:
        if refused in str(params["body"]):
            raise ClientError({"Error": {"Code": "Throttling", "Message": ""}}, "SendEmail")

    product_aws.client("sesv2").meta.events.register("before-call", refuse)

    answer = handler(batch, events.Context())

    sequence = batch["Records"][1]["dynamodb"]["SequenceNumber"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": sequence}]}
    assert len(mails_to("ada@example.com") + mails_to("bob@example.com")) == 1


@pytest.mark.parametrize("kind", notices.KINDS)
def test_every_notice_says_what_when_and_what_to_do(kind: str) -> None:
    letter = notices.letter(kind, "2026-11-25T12:00:00.000Z", "https://x.example")

    for part in (letter.text, letter.html):
        assert "2026-11-25T12:00:00.000Z" in part
        assert "If it was not you" in part or "If you do" in part
