"""Whatever a caller sends has a status, a machine code and a sentence that helps; nothing is
charged, nothing is lost, and nothing is our failure."""

import json
import struct
import zlib
from typing import Any

import pytest

from sluice.catalog import get_card
from sluice.errors import InvalidInput
from tests.events import Answer
from tests.inference import samples
from tests.inference.platform import CREDIT_NANOS, Client, Platform

JOBS = "/v1/inference/jobs"
CHAT = "/openai/v1/chat/completions"
DEEP = 5_000


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces a size and has no pixels."""
    fields = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + fields
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(fields))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
    )


def chunk(name: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
    )


REST = chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A PNG whose comment unpacks to 100 MB."""
    whole = samples.picture()
    bomb = chunk(b"zTXt", b"c\0\0" + zlib.compress(b"\0" * 100_000_000, 9))
    return whole[:33] + bomb + whole[33:]


def assert_refused(answer: Answer, status: int, code: str) -> None:
    assert answer.status == status, answer.content[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json
    assert set(body) >= {"type", "title", "status", "code", "detail", "request_id"}
    assert body["type"] == f"/docs/errors#{code}"
    assert (body["code"], body["status"]) == (code, status)
    assert len(body["detail"]) > 15
    assert len(answer.content) < 10_000
    assert body["request_id"] == answer.headers["x-request-id"]


def assert_untouched(platform: Platform, client: Client) -> None:
    assert client.spent_nanos == 0
    assert platform.endpoints.invocations == []
    assert not [item for item in platform.stage.scan("jobs") if item["sk"] == "JOB"]


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


@pytest.mark.parametrize(
    "given", [given for _, given in CHAT_INPUTS], ids=[n for n, _ in CHAT_INPUTS]
)
def test_an_input_that_does_not_fit_the_schema_is_named(
    platform: Platform, ada: Client, given: Any
) -> None:
    answer = ada.submit("smollm2-135m", given)

    assert_refused(answer, 422, "invalid_input")
    assert all(len(error["pointer"]) <= 200 for error in answer.json["errors"])
    assert answer.json["errors"][0]["message"]
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
@pytest.mark.parametrize("raw", [raw for _, raw in BODIES], ids=[name for name, _ in BODIES])
def test_what_is_no_json_is_refused(platform: Platform, ada: Client, path: str, raw: bytes) -> None:
    answer = ada.send("POST", path, raw=raw)

    assert answer.status == 400
    code = answer.json["error"]["code"] if path == CHAT else answer.json["code"]
    assert code == "invalid_json"
    assert_untouched(platform, ada)


@pytest.mark.parametrize("raw", [b"null", b"[]", b"5", b'"x"', b"{}", b'{"model": 1, "input": {}}'])
def test_json_of_another_shape_is_refused(platform: Platform, ada: Client, raw: bytes) -> None:
    assert_refused(ada.send("POST", JOBS, raw=raw), 422, "invalid_input")


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


PICTURES: list[tuple[str, bytes, int, str]] = [
    ("text", b"this is no picture at all", 422, "not_an_image"),
    ("a GIF", b"GIF89a" + bytes(100), 422, "not_an_image"),
    ("an SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "not_an_image"),
    ("a truncated PNG", samples.noise(64, 64)[:-500], 422, "not_an_image"),
    ("a truncated JPEG", samples.picture(64, 64, "JPEG")[:-100], 422, "not_an_image"),
    ("a header alone", png_header(8, 8), 422, "not_an_image"),
    ("a PNG without size", png_header(0, 0), 422, "not_an_image"),
    ("200 megapixels", png_header(20_000, 10_000) + REST, 422, "image_too_large"),
    ("4 gigapixels", png_header(65_000, 65_000) + REST, 422, "image_too_large"),
    ("a longer side than any", png_header(2**31 - 1, 1) + REST, 422, "image_too_large"),
    ("a few pixels too many", samples.picture(513, 512), 422, "image_too_large"),
    ("a side too long", samples.picture(2_049, 1), 422, "image_too_large"),
    ("a bomb in a comment", text_bomb(), 422, "not_an_image"),
]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [case[1:] for case in PICTURES],
    ids=[case[0] for case in PICTURES],
)
def test_what_is_no_usable_picture_is_refused(
    platform: Platform, ada: Client, content: bytes, status: int, code: str
) -> None:
    answer = ada.submit("span-x4", {"image": samples.base64_of(content)})

    assert_refused(answer, status, code)
    assert_untouched(platform, ada)


def test_no_damage_to_a_picture_is_our_failure(platform: Platform, ada: Client) -> None:
    whole = bytearray(samples.noise(12, 12))
    for place in range(8, len(whole), 11):
        damaged = bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        platform.clock.advance(3)

        answer = ada.submit("span-x4", {"image": samples.base64_of(damaged)})

        assert answer.status in (200, 202, 422), (place, answer.content)


@pytest.mark.parametrize(
    "image",
    [
        "",
        "!!!!!!!!",
        "data:image/gif;base64,AAAAAAAA",
        "http://example.com/a.png",
        "A" * 9,
        "x\ny==",
    ],
)
def test_what_is_no_base64_is_refused(platform: Platform, ada: Client, image: str) -> None:
    answer = ada.submit("span-x4", {"image": image})

    assert answer.status == 422
    assert answer.json["code"] in ("invalid_input", "not_an_image")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_ordinary_pictures_pass(ada: Client, kind: str) -> None:
    image = samples.base64_of(samples.picture(16, 16, kind))

    assert ada.submit("span-x4", {"image": image}).status == 202


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


@pytest.mark.parametrize("prefer", ["wait=x", "wait=-5", "nonsense", "wait=99999999", ";;;"])
def test_a_preference_that_means_nothing_is_no_error(ada: Client, prefer: str) -> None:
    answer = ada.submit("smollm2-135m", samples.PROMPT, prefer=prefer)

    assert answer.status in (200, 202)


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
