"""The mails that the platform sent, kept by the emulator's SES and shown to whoever sits here."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import httpx

from local.front.page import framed


async def messages(emulator: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Newest first: {to, subject, text, sent_s}."""
    answer = await emulator.get("/_ministack/ses/messages")
    kept: Mapping[str, Sequence[Mapping[str, Any]]] = answer.json()["messages"]
    found = [
        {
            "to": mail["To"],
            "subject": mail["Subject"],
            "text": mail["BodyText"],
            "sent_s": mail["Timestamp"],
        }
        for account in kept.values()
        for mail in account
    ]
    return sorted(found, key=lambda mail: mail["sent_s"], reverse=True)


def page(mails: Sequence[Mapping[str, Any]]) -> str:
    """The mailbox as HTML; everything in a mail is text to it."""
    shown = "".join(
        f"<article><h2>{escape(mail['subject'])}</h2>"
        f"<p>to {escape(', '.join(mail['to']))}</p><pre>{escape(mail['text'])}</pre></article>"
        for mail in mails
    )
    return framed("Mailbox", shown or "<p>No mail yet: sign up, and it comes here.</p>")
