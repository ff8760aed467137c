"""Sending letters, through SES."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from functions.auth.mail.letters import Letter
from functions.auth.settings import settings
from sluice import aws
from sluice.errors import Unavailable
from sluice.log import logger

if TYPE_CHECKING:
    from mypy_boto3_sesv2.type_defs import ContentTypeDef, MessageTypeDef


def send(to: str, letter: Letter) -> None:
    """Hand `letter` over to SES; raises Unavailable when SES refuses."""
    content: MessageTypeDef = {
        "Subject": _utf8(letter.subject),
        "Body": {"Text": _utf8(letter.text), "Html": _utf8(letter.html)},
    }
    try:
        aws.client("sesv2").send_email(
            FromEmailAddress=settings().mail_from,
            Destination={"ToAddresses": [to]},
            Content={"Simple": content},
        )
    except ClientError as error:
        # Only the code: SES's sentence names the address, and logs must not.
        logger.error("mail refused", extra={"code": error.response["Error"]["Code"]})
        raise Unavailable("We cannot send mail now; try again.", retry_after_s=60) from None


def _utf8(text: str) -> "ContentTypeDef":
    return {"Data": text, "Charset": "UTF-8"}
