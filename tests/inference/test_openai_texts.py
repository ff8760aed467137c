"""Completions and ranks, which only a cloud serves, in their clients' types."""

import json
from typing import Any

import pytest

from tests.inference import samples
from tests.inference.openai_client import openai_of
from tests.inference.platform import Client, Platform, always
from tests.simulation.endpoints import Work

COMPLETED = {
    "choices": [
        {"index": 0, "text": " there was a gate.", "finish_reason": "stop", "logprobs": None}
    ],
    "usage": {"prompt_tokens": 4, "completion_tokens": 5},
}
RANKED = {
    "results": [
        {"index": 0, "relevance_score": 0.1},
        {"index": 2, "relevance_score": 0.9},
        {"index": 1, "relevance_score": 0.4},
    ]
}
DOCUMENTS = ["Apples are red.", {"text": "A tower is high."}, "The tower is 300 m tall."]


def rerank(client: Client, **body: Any) -> Any:
    whole = {"model": "bge-reranker-v2-m3", "query": "how tall", "documents": DOCUMENTS} | body
    return client.send("POST", "/openai/v1/rerank", body=whole)


@pytest.mark.usefixtures("all_served")
@pytest.mark.parametrize("prompt", ["Once upon a time", ["Once upon a time"]])
def test_a_text_is_continued(platform: Platform, ada: Client, prompt: Any) -> None:
    platform.model = always(Work(output=json.dumps(COMPLETED).encode()))
    client, door = openai_of(ada)

    answer = client.completions.create(
        model="qwen2-5-7b-base", prompt=prompt, max_tokens=16, n=1, best_of=1, echo=False, suffix=""
    )

    assert answer.choices[0].text == " there was a gate."
    assert answer.usage is not None
    assert answer.usage.total_tokens == 9
    assert answer.id == f"cmpl-{door.response.headers['x-sluice-job']}"
    sent = json.loads(platform.endpoints.invocations[0].payload)
    assert (sent["prompt"], sent["max_tokens"]) == ("Once upon a time", 16)
    assert "suffix" not in sent


@pytest.mark.usefixtures("all_served")
@pytest.mark.parametrize("prompt", [["a", "b"], [1, 2, 3], [[1]], [], ""])
def test_several_prompts_and_token_ids_are_refused(
    platform: Platform, ada: Client, prompt: Any
) -> None:
    body = {"model": "qwen2-5-7b-base", "prompt": prompt}

    answer = ada.send("POST", "/openai/v1/completions", body=body)

    assert (answer.status, answer.json["error"]["param"]) == (400, "prompt")
    assert platform.endpoints.invocations == []


@pytest.mark.usefixtures("all_served")
def test_documents_are_ranked_the_best_first(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(output=json.dumps(RANKED).encode()))

    answer = rerank(ada).json
    bare = rerank(ada, return_documents=False).json

    assert [entry["index"] for entry in answer["results"]] == [2, 1, 0]
    assert answer["results"][0]["document"] == {"text": "The tower is 300 m tall."}
    assert answer["results"][1]["document"] == {"text": "A tower is high."}
    assert "document" not in bare["results"][0]
    assert answer["usage"] == {"search_documents": 3}
    sent = json.loads(platform.endpoints.invocations[0].payload)
    assert sent["documents"][1] == "A tower is high."
    assert ada.spent_nanos > 0


@pytest.mark.usefixtures("all_served")
@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"documents": []}, "documents"),
        ({"documents": [5]}, "documents[0]"),
        ({"documents": [{"text": "a", "title": "b"}]}, "documents[0]"),
        ({"query": " "}, "query"),
        ({"top_n": 0}, "top_n"),
        ({"rank_fields": ["a"]}, "rank_fields"),
    ],
)
def test_a_rank_refuses_by_name(ada: Client, body: Any, param: str) -> None:
    answer = rerank(ada, **body)

    assert answer.status == 400
    assert answer.json["error"]["param"].startswith(param)


@pytest.mark.parametrize("path", ["/completions", "/rerank", "/chat/completions"])
def test_doors_do_not_mix(ada: Client, path: str) -> None:
    bodies = {
        "/completions": {"model": "smollm2-135m", "prompt": "x"},
        "/rerank": {"model": "e5-small", "query": "x", "documents": ["y"]},
        "/chat/completions": {"model": "span-x4", "messages": samples.PROMPT["messages"]},
    }

    answer = ada.send("POST", f"/openai/v1{path}", body=bodies[path])

    assert (answer.status, answer.json["error"]["code"]) == (400, "wrong_task")
