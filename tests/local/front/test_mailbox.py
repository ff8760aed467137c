"""The mailbox shows mails; what stands in them is text, whatever it looks like."""

import asyncio
from typing import Any

import httpx

from local.front import mailbox


def mail(subject: str, sent_s: float) -> dict[str, Any]:
    return {
        "To": ["a@example.com"],
        "Subject": subject,
        "BodyText": "12345678",
        "Timestamp": sent_s,
    }


def test_a_mail_is_no_page_of_ours() -> None:
    attack = "<script>alert(1)</script>"

    page = mailbox.page([{"to": [attack], "subject": attack, "text": attack, "sent_s": 1.0}])

    assert attack not in page
    assert page.count("&lt;script&gt;") == 3


def test_an_empty_mailbox_says_what_to_do() -> None:
    assert "sign up" in mailbox.page([])


def test_the_newest_mail_comes_first() -> None:
    kept = {"messages": {"000000000000": [mail("old", 1.0), mail("new", 3.0)], "other": []}}

    async def read() -> list[dict[str, Any]]:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json=kept))
        async with httpx.AsyncClient(base_url="https://aws", transport=transport) as emulator:
            return await mailbox.messages(emulator)

    assert [mail["subject"] for mail in asyncio.run(read())] == ["new", "old"]
