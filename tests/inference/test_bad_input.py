"""Whatever a caller sends has a status, a machine code and a sentence that helps; nothing is
charged, nothing is lost, and nothing is our failure."""

import json
from typing import Any

import pytest

from sluice.catalog import get_card
from sluice.errors import InvalidInput
from tests.inference import samples
from tests.inference.platform import CREDIT_NANOS, Client, Platform
from tests.inference.refusals import assert_refused, assert_untouched

JOBS = "/v1/inference/jobs"
CHAT = "/openai/v1/chat/completions"
DEEP = 5_000


CHAT_INPUTS: list[tuple[str, Any]] = [
    ("nothing", {}),
    ("a list", []),
    ("no messages", {"messages": []}),
    ("null", {"messages": None}),
    ("an unknown field", samples.PROMPT | {"surprise": 1}),
    ("an unknown role", {"messages": [{"role": "robot", "content": "x"}]}),
    ("a number for text", {"messages": [{"role": "user", "content": 5}]}),
    ("a negative bound", samples.PROMPT | {"max_tokens": -1}),
    ("1e308", samples.PROMPT | {"max_tokens": 1e308}),
    ("a huge integer", samples.PROMPT | {"max_tokens": 10**400}),
    ("a fraction", samples.PROMPT | {"max_tokens": 1.5}),
    ("a boolean", samples.PROMPT | {"max_tokens": True}),
    ("a word", samples.PROMPT | {"temperature": "hot"}),
    ("too hot", samples.PROMPT | {"temperature": 1e308}),
    ("too many messages", {"messages": [{"role": "user", "content": "x"}] * 65}),
    ("a message too long", samples.prompt("x" * 8_001)),
    ("a long field's name", samples.PROMPT | {"x" * 100_000: 1}),
    ("60 levels", samples.PROMPT | {"stop": json.loads("[" * 55 + "]" * 55)}),
]


def test_an_input_that_does_not_fit_the_schema_is_named(
    platform: Platform, ada: Client, subtests: pytest.Subtests
) -> None:
    for name, given in CHAT_INPUTS:
        with subtests.test(name):
            answer = ada.submit("smollm2-135m", given)

            assert_refused(answer, 422, "invalid_input")
            assert all(len(error["pointer"]) <= 200 for error in answer.json["errors"])
            assert answer.json["errors"][0]["message"]

    assert_untouched(platform, ada)


def test_a_refusal_of_something_long_still_says_what_is_wrong(ada: Client) -> None:
    thousand = {"messages": [{"role": "user", "content": "x"}] * 1_000}

    job = ada.submit("smollm2-135m", thousand)
    door = ada.send("POST", CHAT, body={"model": "smollm2-135m"} | thousand)

    (error,) = job.json["errors"]
    assert error["pointer"] == "/input/messages"
    assert error["message"].endswith(" has more than 64 items")
    assert len(error["message"]) <= 200
    assert (door.status, door.json["error"]["param"]) == (400, "messages")
    assert "has more than 64 items" in door.json["error"]["message"]


MESSAGES: list[tuple[str, Any, str]] = [
    ("a tool's answer", {"role": "tool", "tool_call_id": "x", "content": "1"}, "role"),
    ("a call beside text", {"role": "assistant", "content": "", "tool_calls": [{}]}, "tool_calls"),
    ("a call without text", {"role": "assistant", "tool_calls": [{}]}, "content"),
    ("a function's answer", {"role": "function", "name": "f", "content": "1"}, "role"),
    ("a name", {"role": "user", "name": "bob", "content": "x"}, "name"),
]


def test_what_a_model_cannot_read_of_a_message_is_refused_by_name(
    platform: Platform, ada: Client, subtests: pytest.Subtests
) -> None:
    for name, message, field in MESSAGES:
        with subtests.test(name):
            body = {"model": "smollm2-135m", "messages": [*samples.PROMPT["messages"], message]}

            answer = ada.send("POST", CHAT, body=body)

            assert answer.status == 400
            assert answer.json["error"]["param"] == f"messages[1].{field}"

    assert_untouched(platform, ada)


@pytest.mark.parametrize("voice", ["nobody", "", "JOE", {"id": "nobody"}])
def test_an_unknown_voice_is_refused_by_name(platform: Platform, ada: Client, voice: Any) -> None:
    speech = {"model": "joe-piper", "input": "Good morning.", "voice": voice}

    job = ada.submit("joe-piper", {"text": "Good morning.", "voice": voice})
    door = ada.send("POST", "/openai/v1/audio/speech", body=speech)

    assert_refused(job, 422, "invalid_input")
    assert job.json["errors"][0]["pointer"] == "/input/voice"
    assert (door.status, door.json["error"]["param"]) == (400, "voice")
    assert_untouched(platform, ada)


BODIES: list[tuple[str, bytes]] = [
    ("half an object", b'{"model": "smollm2-135m", '),
    ("no JSON", b"hello"),
    ("NaN", b'{"model": "m", "input": {"temperature": NaN}}'),
    ("infinity", b'{"model": "m", "input": {"temperature": -Infinity}}'),
    ("1e999", b'{"model": "m", "input": {"temperature": 1e999}}'),
    ("ten thousand digits", b'{"model": "m", "input": {"seed": ' + b"9" * 10_000 + b"}}"),
    ("a lone surrogate", b'{"model": "m", "input": {"x": "\\ud800"}}'),
    ("a lone surrogate as a key", b'{"model": "m", "input": {"\\udfff": 1}}'),
    ("deep lists", b'{"model":"m","input":' + b"[" * DEEP + b"]" * DEEP + b"}"),
    ("deeper lists", b'{"model":"m","input":' + b"[" * 10**6 + b"]" * 10**6 + b"}"),
    ("deep objects", b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    ("bytes that are no text", b'{"model": "\xff\xfe"}'),
    ("nonsense", bytes(range(256)) * 1_000),
]


@pytest.mark.parametrize("path", [JOBS, CHAT, "/v1/inference/uploads"])
def test_what_is_no_json_is_refused(
    platform: Platform, ada: Client, subtests: pytest.Subtests, path: str
) -> None:
    for name, raw in BODIES:
        with subtests.test(name):
            answer = ada.send("POST", path, raw=raw)

            assert answer.status == 400
            code = answer.json["error"]["code"] if path == CHAT else answer.json["code"]
            assert code == "invalid_json"

    assert_untouched(platform, ada)


def test_json_of_another_shape_is_refused(
    platform: Platform, ada: Client, subtests: pytest.Subtests
) -> None:
    for raw in (b"null", b"[]", b"5", b'"x"', b"{}", b'{"model": 1, "input": {}}'):
        with subtests.test(raw.decode()):
            assert_refused(ada.send("POST", JOBS, raw=raw), 422, "invalid_input")

    assert_untouched(platform, ada)


def test_no_body_is_refused(ada: Client) -> None:
    assert_refused(ada.send("POST", JOBS), 422, "invalid_input")


@pytest.mark.parametrize("size", [5_900_001, 10_000_000])
@pytest.mark.parametrize("path", [JOBS, CHAT])
def test_a_body_beyond_the_limit_is_refused_and_names_uploads(
    platform: Platform, ada: Client, size: int, path: str
) -> None:
    answer = ada.send("POST", path, raw=b"x" * size)

    assert answer.status == 413
    assert b"/v1/inference/uploads" in answer.content
    assert_untouched(platform, ada)


@pytest.mark.parametrize(
    "media", ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded", ""]
)
def test_another_content_type_is_refused(ada: Client, media: str) -> None:
    answer = ada.send(
        "POST", JOBS, body={"model": "m", "input": {}}, headers={"content-type": media}
    )

    assert_refused(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("name", ["gpt-9", "", "../../etc", "a\0b", "é" * 100, "x" * 128])
def test_an_unknown_model_is_refused(platform: Platform, ada: Client, name: str) -> None:
    answer = ada.submit(name, samples.PROMPT)

    if name:
        assert_refused(answer, 404, "model_not_found")
    else:
        assert_refused(answer, 422, "invalid_input")
    assert_untouched(platform, ada)


def test_a_prompt_too_long_for_the_model_is_refused_before_it_is_held(
    platform: Platform, ada: Client
) -> None:
    message = {"role": "user", "content": "word " * 1_000}

    chat = ada.submit("smollm2-135m", {"messages": [message] * 10})
    embedding = ada.submit("e5-small", {"input": ["x" * 8_000] * 32})
    door = ada.send("POST", CHAT, body={"model": "smollm2-135m", "messages": [message] * 10})

    assert_refused(chat, 422, "prompt_too_long")
    assert_refused(embedding, 422, "prompt_too_long")
    assert "24000" in chat.json["detail"]
    assert (door.status, door.json["error"]["code"]) == (400, "context_length_exceeded")
    assert_untouched(platform, ada)


def test_a_nul_in_a_prompt_is_a_character_like_others(platform: Platform, ada: Client) -> None:
    job = ada.submit("smollm2-135m", samples.prompt("a\0b é 🌊"), prefer="wait")

    assert job.json["status"] == "succeeded"
    payload = json.loads(platform.endpoints.invocations[0].payload)
    assert payload["messages"][0]["content"] == "a\0b é 🌊"


def test_an_integer_written_as_a_float_is_an_integer(platform: Platform, ada: Client) -> None:
    ada.submit("smollm2-135m", samples.PROMPT | {"max_tokens": 5.0})

    assert b'"max_tokens": 5,' in platform.endpoints.invocations[0].payload


def test_no_credit_is_refused_with_what_is_missing(platform: Platform) -> None:
    poor = platform.customer(10)

    answer = poor.submit("smollm2-135m", samples.PROMPT | {"max_tokens": 10})

    assert_refused(answer, 402, "insufficient_credit")
    assert answer.json["available_nanos"] == "10"
    assert int(answer.json["required_nanos"]) > 10
    assert platform.endpoints.invocations == []


def test_credit_that_just_came_is_seen_at_once(platform: Platform) -> None:
    from sluice.table import Table

    poor = platform.customer(10)
    given = samples.PROMPT | {"max_tokens": 10}
    refused = [poor.submit("smollm2-135m", given).status for _ in range(2)]

    Table(platform.stage.table("ledger")).update(
        f"BAL#{poor.who.account}#0", "BUCKET", add={"available": CREDIT_NANOS, "seq": 1}
    ).send()

    assert refused == [402, 402]
    assert poor.submit("smollm2-135m", given).status == 202


def test_a_revoked_key_ends_within_seconds(platform: Platform, ada: Client) -> None:
    from sluice.principal import credential_pk
    from sluice.table import Table

    ada.get(JOBS)
    Table(platform.stage.table("accounts")).update(
        credential_pk("KEY", ada.who.key), "KEY", set_={"state": "revoked"}
    ).send()
    platform.clock.advance(3)

    assert_refused(ada.submit("smollm2-135m", samples.PROMPT), 401, "unauthenticated")
    assert_untouched(platform, ada)


@pytest.mark.parametrize("key", ["x", "sk_" + "0" * 39, "sk_é", "a" * 5_000])
def test_what_is_no_key_is_refused(platform: Platform, key: str) -> None:
    answer = platform.send("GET", JOBS, bearer=key)

    assert_refused(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/inference/nothing", 404, "not_found"),
        ("GET", "/v1/inference/jobs/../../etc", 404, "not_found"),
        ("PUT", JOBS, 405, "method_not_allowed"),
        ("PATCH", f"{JOBS}/job_1", 405, "method_not_allowed"),
        ("GET", f"{JOBS}/{'x' * 5_000}", 404, "job_not_found"),
        ("GET", f"{JOBS}/%00", 404, "job_not_found"),
        ("GET", f"{JOBS}/é", 404, "job_not_found"),
    ],
)
def test_paths_and_methods_that_do_not_exist(
    ada: Client, method: str, path: str, status: int, code: str
) -> None:
    assert_refused(ada.send(method, path), status, code)


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_an_idempotency_key_has_a_length(ada: Client, key: str) -> None:
    assert_refused(
        ada.submit("smollm2-135m", samples.PROMPT, idempotency_key=key), 422, "invalid_input"
    )


def test_a_preference_that_means_nothing_is_no_error(ada: Client) -> None:
    for prefer in ("wait=x", "wait=-5", "nonsense", "wait=99999999", ";;;"):
        answer = ada.submit("smollm2-135m", samples.PROMPT, prefer=prefer)

        assert answer.status in (200, 202), prefer


def test_a_unit_without_a_price_cannot_be_sold() -> None:
    with pytest.raises(InvalidInput) as refused:
        get_card("e5-small").prices.worst_case_nanos({"gpu_second": 1})

    assert refused.value.machine_code == "unpriced_unit"


def test_a_database_that_does_not_answer_is_a_503_that_charges_nothing(
    platform: Platform, ada: Client
) -> None:
    from tests.seam import Fault

    ada.get(JOBS)
    platform.fault = lambda call: Fault.TIMEOUT_BEFORE if call.service == "dynamodb" else None
    answer = ada.submit("smollm2-135m", samples.PROMPT)
    platform.fault = lambda call: None

    assert_refused(answer, 503, "service_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert_untouched(platform, ada)
