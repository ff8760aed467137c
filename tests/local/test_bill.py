"""A statement adds up to the balance, or somebody hears of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest

from local.bill import Bill, add_up
from local.client import Client
from local.main_job import CheckFailed


def statement(
    pages: Sequence[Sequence[int]], available: int, held: int = 0
) -> Mapping[str, Mapping[str, Any]]:
    """Paths and the answers of a billing service with these amounts."""
    answers: dict[str, Mapping[str, Any]] = {
        "/v1/billing/balance": {
            "available": {"nanos": str(available)},
            "held": {"nanos": str(held)},
        }
    }
    for number, amounts in enumerate(pages):
        cursor = f"&cursor=c{number}" if number else ""
        following = f"c{number + 1}" if number + 1 < len(pages) else None
        answers[f"/v1/billing/lines?limit=50{cursor}"] = {
            "data": [{"amount": {"nanos": str(amount)}} for amount in amounts],
            "next_cursor": following,
        }
    return answers


def client_of(answers: Mapping[str, Mapping[str, Any]]) -> Client:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answers[request.url.raw_path.decode()])

    return Client("http://test", transport=httpx.MockTransport(answer))


def test_all_pages_are_added() -> None:
    answers = statement([[-430, -1_380], [500_000_000]], available=499_998_000, held=190)

    bill = add_up(client_of(answers))

    assert bill == Bill(500_000_000, 1_810, 499_998_000, 190)


@pytest.mark.parametrize("available", [499_998_191, 499_998_189])
def test_a_nanodollar_too_much_or_too_little_is_noticed(available: int) -> None:
    answers = statement([[-430, -1_380, 500_000_000]], available=available)

    with pytest.raises(CheckFailed, match="does not add up"):
        add_up(client_of(answers))
