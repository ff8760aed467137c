"""What the acceptance walk orders, and what it lets pass."""

import jsonschema_rs
import pytest

from local.main_job import CheckFailed
from ops.orders import FORBIDDEN, ORDERS
from sluice.catalog import cards

CLOUD = sorted(card.id for card in cards().values() if "cloud" in card.raw["serving"])


@pytest.mark.parametrize("model", CLOUD)
def test_every_model_of_the_cloud_takes_its_tasks_order(model: str) -> None:
    card = cards()[model]

    jsonschema_rs.validate(dict(card.input_schema), dict(ORDERS[card.task].input))
    if card.task == "chat":
        jsonschema_rs.validate(dict(card.input_schema), dict(FORBIDDEN))


@pytest.mark.parametrize(
    ("task", "result"),
    [
        ("chat", {"choices": [{"message": {"content": " "}}], "usage": {"completion_tokens": 1}}),
        ("chat", {"choices": [{"message": {"content": "a"}}], "usage": {"completion_tokens": 0}}),
        ("embedding", {"data": [{"embedding": [0.1, 0.2]}]}),
        ("embedding", {"data": [{"embedding": []}] * 3}),
        ("upscale", {"images": [{"width": 128, "height": 512}]}),
        ("text-to-image", {"images": [{"width": 256, "height": 256}]}),
        ("image-to-image", {"images": []}),
        ("remove-background", {"images": [{"width": 512, "height": 512}]}),
        ("completion", {"choices": [{"text": " "}], "usage": {"completion_tokens": 1}}),
        ("rerank", {"results": [{"index": 1}, {"index": 0}]}),
        ("speech-to-text", {"text": "", "duration_ms": 2_000}),
        ("text-to-speech", {"audio": {"duration_ms": 100}}),
    ],
)
def test_a_result_that_is_none_stops_the_walk(task: str, result: dict[str, object]) -> None:
    with pytest.raises(CheckFailed):
        ORDERS[task].judge(result)
