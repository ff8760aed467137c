"""The doors for OpenAI's clients, in that client's own types."""

import base64
import struct
from typing import Any

import pytest
from openai.types import CreateEmbeddingResponse, Model
from openai.types.chat import ChatCompletion

from tests.events import Answer
from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.seam import Fault
from tests.simulation.detectors import FORBIDDEN
from tests.simulation.endpoints import Work
from tests.stage import SERVED

CHAT, EMBEDDINGS = "/openai/v1/chat/completions", "/openai/v1/embeddings"
MESSAGES = samples.PROMPT["messages"]
NEUTRAL = {
    "frequency_penalty": 0.0,
    "presence_penalty": 0,
    "tools": None,
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "response_format": {"type": "text"},
    "logprobs": False,
    "top_logprobs": 0,
    "logit_bias": {},
    "modalities": ["text"],
    "store": False,
    "metadata": {},
    "service_tier": "auto",
    "safety_identifier": "s",
    "prompt_cache_key": "k",
}
"""What asks for nothing, and is taken."""


def chat(client: Client, *, headers: Any = None, **body: Any) -> Answer:
    whole = {"model": "smollm2-135m", "messages": MESSAGES} | body
    return client.send("POST", CHAT, body=whole, headers=headers)


def embed(client: Client, **body: Any) -> Answer:
    return client.send("POST", EMBEDDINGS, body={"model": "e5-small", "input": "x"} | body)


def retried(count: int) -> dict[str, str]:
    return {"x-stainless-retry-count": str(count)}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", CHAT),
        ("POST", EMBEDDINGS),
        ("POST", "/v3/openai/completions"),
        ("POST", "/openai/v1/rerank"),
        ("POST", "/openai/v1/moderations"),
        ("POST", "/openai/v1/images/generations"),
        ("POST", "/openai/v1/audio/speech"),
        ("GET", "/openai/v1/models"),
        ("GET", "/openai/v1/x"),
        ("GET", "/v3/openai/x"),
    ],
)
def test_errors_have_the_shape_that_clients_read(
    platform: Platform, method: str, path: str
) -> None:
    answer = platform.send(method, path, body={"model": "m", "messages": MESSAGES, "input": "x"})

    assert answer.status in (401, 404)
    assert set(answer.json["error"]) == {"message", "type", "param", "code", "request_id"}
    assert answer.headers["content-type"] == "application/json"


def test_a_chat_completion_is_openais(ada: Client) -> None:
    answer = chat(ada, temperature=1, stream=False, n=1, user="u", **NEUTRAL)

    completion = ChatCompletion.model_validate(answer.json, strict=True)
    assert completion.choices[0].message.content == samples.ANSWER
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None
    assert completion.usage.total_tokens == 17
    assert completion.id == f"chatcmpl-{answer.headers['x-sluice-job']}"
    assert ada.spent_nanos == samples.CHAT_NANOS


def test_content_in_parts_and_developers_are_understood(platform: Platform, ada: Client) -> None:
    parts = [{"type": "text", "text": "Say "}, {"type": "text", "text": "hello."}]

    answer = chat(
        ada,
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": parts},
        ],
        max_completion_tokens=7,
    )

    payload = platform.endpoints.invocations[0].payload.decode()
    assert answer.status == 200
    assert '{"role": "system", "content": "Be brief."}' in payload
    assert '"content": "Say hello."' in payload
    assert '"max_tokens": 7' in payload


def test_two_bounds_that_differ_are_refused_and_neither_is_ignored(
    platform: Platform, ada: Client
) -> None:
    refused = chat(ada, max_tokens=5, max_completion_tokens=7)
    agreed = chat(ada, max_tokens=7, max_completion_tokens=7)

    assert (refused.status, refused.json["error"]["param"]) == (400, "max_tokens")
    assert refused.json["error"]["code"] == "unsupported_parameter"
    assert agreed.status == 200
    assert len(platform.endpoints.invocations) == 1


def test_embeddings_are_openais_as_floats_and_as_base64(ada: Client) -> None:
    floats = embed(ada, input=["a", "bc"], encoding_format="float")
    packed = embed(ada, input=["a", "bc"], encoding_format="base64")

    listed = CreateEmbeddingResponse.model_validate(floats.json, strict=True)
    unpacked = struct.unpack("<384f", base64.b64decode(packed.json["data"][1]["embedding"]))
    assert listed.data[1].embedding == samples.vector("bc")
    assert unpacked == pytest.approx(samples.vector("bc"))
    assert listed.usage.total_tokens == 14


def test_models_are_openais(ada: Client) -> None:
    listed = ada.get("/openai/v1/models").json
    one = ada.get("/openai/v1/models/HuggingFaceTB/SmolLM2-135M-Instruct").json
    missing = ada.get("/openai/v1/models/gpt-9")

    ids = [Model.model_validate(model, strict=True).id for model in listed["data"]]
    assert ids == sorted(SERVED)
    assert "nanos" in listed["data"][0]["prices"]["request"]
    assert one["input_token_price_per_m"] == 17_500
    assert one["id"] == "smollm2-135m"
    assert (missing.status, missing.json["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"stream": True}, "stream"),
        ({"tools": [{}]}, "tools"),
        ({"n": 2}, "n"),
        ({"frequency_penalty": 0.5}, "frequency_penalty"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": "12"}, "max_tokens"),
        ({"max_tokens": 10**40}, "max_tokens"),
        ({"temperature": 3}, "temperature"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": "x", "name": "a"}]}, "messages[0].name"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"logprobs": True}, "logprobs"),
        ({"top_logprobs": 5}, "top_logprobs"),
        ({"n": True}, "n"),
        ({"logit_bias": {"50256": -100}}, "logit_bias"),
        ({"metadata": {"a": "b"}}, "metadata"),
        ({"store": True}, "store"),
        ({"service_tier": "flex"}, "service_tier"),
        ({"reasoning_effort": "high"}, "reasoning_effort"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"audio": {"voice": "alloy", "format": "wav"}}, "audio"),
        ({"prediction": {"type": "content", "content": "x"}}, "prediction"),
        ({"web_search_options": {}}, "web_search_options"),
        ({"top_k": 40}, "top_k"),
        ({"model_config": 1}, "model_config"),
        ({"further": 1}, "further"),
        ({"__class__": 1}, "__class__"),
        ({"stop": [""]}, "stop"),
        ({"stop": 5}, "stop"),
        ({"messages": [{"role": "user", "content": "x"}] * 1_001}, "messages"),
        ({"messages": [{"role": "user", "content": "x"}] * 65}, "messages"),
    ],
)
def test_what_no_model_honours_is_refused_by_name(
    platform: Platform, ada: Client, body: Any, param: str
) -> None:
    answer = chat(ada, **body)

    assert answer.status == 400
    assert answer.json["error"]["type"] == "invalid_request_error"
    assert answer.json["error"]["param"] == param
    assert platform.endpoints.invocations == []


def test_a_model_of_another_task_is_refused(ada: Client) -> None:
    answer = chat(ada, model="e5-small")

    assert (answer.status, answer.json["error"]["code"]) == (400, "wrong_task")


@pytest.mark.parametrize("given", [[1, 2, 3], [[1, 2], [3]]])
def test_token_ids_are_refused(ada: Client, given: Any) -> None:
    answer = embed(ada, input=given)

    assert (answer.status, answer.json["error"]["param"]) == (400, "input")
    assert "token ids" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("body", "param"),
    [({"dimensions": 128}, "dimensions"), ({"encoding_format": "int8"}, "encoding_format")],
)
def test_embeddings_refuse_what_the_model_cannot(ada: Client, body: Any, param: str) -> None:
    answer = embed(ada, **body)

    assert (answer.status, answer.json["error"]["param"]) == (400, param)


def test_the_same_doors_stand_under_the_other_prefix(ada: Client) -> None:
    body = {"model": "smollm2-135m", "messages": MESSAGES}
    key = {"idempotency-key": "k"}

    one = ada.send("POST", CHAT, body=body, headers=key)
    other = ada.send("POST", "/v3/openai/chat/completions", body=body, headers=key)
    unknown = ada.get("/v3/openai/models/gpt-9")

    assert other.status == 200
    assert other.json == one.json
    assert unknown.json["error"]["code"] == "model_not_found"


def test_every_answer_says_who_it_is_how_long_it_took_and_how_many_more(ada: Client) -> None:
    answered = chat(ada)
    refused = chat(ada, tools=[{}])

    for answer in (answered, refused):
        assert answer.headers["x-request-id"].startswith("req_")
        assert int(answer.headers["openai-processing-ms"]) >= 0
    assert answered.headers["x-ratelimit-limit-requests"] == "60"
    assert answered.headers["x-ratelimit-remaining-requests"] == "59"
    assert answered.headers["x-ratelimit-reset-requests"].endswith("s")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/completions", {"model": "qwen2-5-7b-base", "prompt": "Once upon a time"}),
        ("/rerank", {"model": "bge-reranker-v2-m3", "query": "a", "documents": ["b", "c"]}),
        ("/images/generations", {"model": "sdxl", "prompt": "A red door", "size": "1024x768"}),
        ("/audio/speech", {"model": "chatterbox", "input": "Hello.", "voice": "default"}),
    ],
)
def test_a_known_model_that_nobody_serves_here_is_a_503(
    platform: Platform, ada: Client, path: str, body: Any
) -> None:
    answer = ada.send("POST", f"/openai/v1{path}", body=body)

    assert (answer.status, answer.json["error"]["code"]) == (503, "model_not_served")
    assert answer.json["error"]["type"] == "server_error"
    assert ada.spent_nanos == 0


def test_no_credit_is_a_402_that_names_quota(platform: Platform) -> None:
    poor = platform.customer(100)

    answer = chat(poor, max_tokens=100)

    assert answer.status == 402
    assert answer.json["error"]["type"] == answer.json["error"]["code"] == "insufficient_quota"


def test_an_omitted_bound_is_clamped_to_the_balance_and_the_answer_says_so(
    platform: Platform,
) -> None:
    poor = platform.customer(1_100_000)

    answer = chat(poor)
    job = poor.job(answer.headers["x-sluice-job"])

    clamped = int(answer.headers["x-sluice-clamped-max-tokens"])
    assert 0 < clamped < 256
    assert job["clamped"] == {"max_tokens": clamped}
    assert f'"max_tokens": {clamped}'.encode() in platform.endpoints.invocations[0].payload
    assert int(job["price"]["held"]["nanos"]) <= 1_100_000


def test_a_retry_joins_the_first_request(platform: Platform, ada: Client) -> None:
    first = chat(ada)
    platform.clock.advance(20)

    again = chat(ada, headers=retried(1))
    unrelated = chat(ada)

    assert again.json["id"] == first.json["id"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert unrelated.json["id"] != first.json["id"]
    assert len(platform.endpoints.invocations) == 2


def test_a_retry_joins_nobody_elses_and_nothing_old(
    platform: Platform, ada: Client, mallory: Client
) -> None:
    first = chat(ada)

    foreign = chat(mallory, headers=retried(1))
    platform.clock.advance(61)
    late = chat(ada, headers=retried(2))

    assert len({first.json["id"], foreign.json["id"], late.json["id"]}) == 3


def test_when_no_answer_comes_in_time_nothing_is_charged_and_a_retry_may_succeed(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(Work(after_s=40, output=samples.completion()))
    key = {"idempotency-key": "k"}
    began_ms = platform.clock.at_ms

    late = chat(ada, headers=key)
    took_s = (platform.clock.at_ms - began_ms) / 1000
    platform.clock.advance(60)
    spent = ada.spent_nanos
    platform.model = always(Work(output=samples.completion()))
    again = chat(ada, headers=key | retried(1))

    assert (late.status, late.json["error"]["code"]) == (503, "timeout")
    assert int(late.headers["retry-after"]) > 0
    assert took_s < 27
    assert spent == 0
    assert again.status == 200
    assert ada.spent_nanos == samples.CHAT_NANOS


def test_screening_that_is_down_is_said_at_once_and_costs_nothing(
    platform: Platform, ada: Client
) -> None:
    platform.fault = lambda call: Fault.SERVER_ERROR if "bedrock" in call.service else None
    began_ms = platform.clock.at_ms

    answer = chat(ada)

    assert answer.status == 503
    assert platform.clock.at_ms - began_ms < 1_000
    assert platform.endpoints.invocations == []
    assert ada.spent_nanos == 0


def test_a_block_is_a_400_that_explains_itself(platform: Platform, ada: Client) -> None:
    answer = embed(ada, input=FORBIDDEN)

    assert (answer.status, answer.json["error"]["code"]) == (400, "content_policy_violation")
    assert ada.spent_nanos == 0


def test_the_models_own_refusal_is_a_400_and_its_failure_a_502(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(Work(output=None))
    failed = chat(ada)
    platform.model = always(Work(output=b"garbage"))
    garbage = chat(ada)

    assert (failed.status, failed.json["error"]["code"]) == (502, "inference_failed")
    assert (garbage.status, garbage.json["error"]["code"]) == (502, "malformed_output")
    assert ada.spent_nanos == 0
