"""Sending letters, through SES."""

from functions.auth.mail.letters import Letter
from functions.auth.settings import settings
from sluice import aws


def send(to: str, letter: Letter) -> None:
    """Hand `letter` over to SES; what SES refuses is raised as botocore's ClientError."""
    aws.client("sesv2").send_email(
        FromEmailAddress=settings().mail_from,
        Destination={"ToAddresses": [to]},
        Content={
            "Simple": {
                "Subject": {"Data": letter.subject, "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": letter.text, "Charset": "UTF-8"},
                    "Html": {"Data": letter.html, "Charset": "UTF-8"},
                },
            }
        },
    )
