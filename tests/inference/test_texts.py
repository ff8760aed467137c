"""Texts that are continued, and documents that are ordered."""

import json
from typing import Any

import pytest

from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.inference.refusals import assert_refused
from tests.simulation.detectors import FORBIDDEN
from tests.simulation.endpoints import Work

pytestmark = pytest.mark.usefixtures("all_served")

COMPLETION, RERANK = "qwen2-5-7b-base", "bge-reranker-v2-m3"
DOCUMENTS = {"query": "how tall", "documents": ["The tower is 300 m tall.", "b" * 1_500, "Apples."]}


def continued(text: str) -> Work:
    choice = {"index": 0, "text": text, "finish_reason": "stop", "logprobs": None}
    usage = {"prompt_tokens": 4, "completion_tokens": 6, "total_tokens": 10}
    return Work(output=json.dumps({"choices": [choice], "usage": usage}).encode())


def ranked(*places: Any) -> Work:
    results = [{"index": place, "relevance_score": 0.5, "document": {}} for place in places]
    return Work(output=json.dumps({"results": results, "usage": {"total_tokens": 9}}).encode())


def test_a_text_is_continued_and_charged_by_its_tokens(platform: Platform, ada: Client) -> None:
    platform.model = always(continued(" there was a gate."))

    job = ada.submit(COMPLETION, {"prompt": "Once", "max_tokens": 9}, prefer="wait").json

    assert job["result"]["choices"] == [
        {"index": 0, "text": " there was a gate.", "finish_reason": "stop"}
    ]
    assert ada.spent_nanos == 850_000 + 4 * 1_800 + 6 * 2_800


@pytest.mark.parametrize(
    ("prompt", "text"), [(FORBIDDEN, "fine"), ("Once", f"upon {FORBIDDEN}")], ids=["in", "out"]
)
def test_forbidden_texts_are_blocked(
    platform: Platform, ada: Client, prompt: str, text: str
) -> None:
    platform.model = always(continued(text))

    job = ada.submit(COMPLETION, {"prompt": prompt}, prefer="wait").json

    assert (job["status"], job["result"]) == ("blocked", None)
    assert ada.spent_nanos == 0


def test_documents_are_ordered_and_every_one_that_was_read_is_charged(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(ranked(0))

    job = ada.submit(RERANK, DOCUMENTS | {"top_n": 1}, prefer="wait").json

    assert job["result"] == {"results": [{"index": 0, "relevance_score": 0.5}]}
    assert job["usage"] == {"request": 1, "search_document": 4}
    assert ada.spent_nanos == 450_000 + 4 * 440_000


@pytest.mark.parametrize(
    "work",
    [ranked(3), ranked(0, 0), ranked(-1), ranked("0"), ranked(), Work(output=b"[]"), continued("")],
)
def test_an_order_of_other_documents_is_not_charged(
    platform: Platform, ada: Client, work: Work
) -> None:
    platform.model = always(work)

    job = ada.submit(RERANK, DOCUMENTS, prefer="wait").json

    assert (job["status"], job["error"]["code"]) == ("failed", "malformed_output")
    assert ada.spent_nanos == 0


@pytest.mark.parametrize("place", ["query", "documents"])
def test_a_forbidden_document_is_not_read(platform: Platform, ada: Client, place: str) -> None:
    given = DOCUMENTS | {place: FORBIDDEN if place == "query" else ["fine", FORBIDDEN]}

    job = ada.submit(RERANK, given).json

    assert job["status"] == "blocked"
    assert platform.endpoints.invocations == []


def test_more_documents_than_can_be_screened_are_refused(ada: Client) -> None:
    answer = ada.submit(RERANK, {"query": "a", "documents": ["d" * 16_000] * 9})

    assert_refused(answer, 422, "prompt_too_long")
    assert samples.CHAT_NANOS > ada.spent_nanos == 0
