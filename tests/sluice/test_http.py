"""The envelope of every HTTP service: ids, limits, and errors that say what to do."""

from collections.abc import Mapping
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, File, Query, Response, UploadFile
from pydantic import BaseModel, Field

from sluice import aws as clients
from sluice.errors import Gone, RateLimited, SluiceError
from sluice.http import MAX_BODY_BYTES, MAX_FORM_BYTES, create_app, lambda_handler
from tests.events import call
from tests.stage import Stage

router = APIRouter()


class Thing(BaseModel):
    name: str = Field(max_length=10)
    count: int = 1


@router.post("/things")
async def make_thing(thing: Thing) -> Thing:
    return thing


@router.get("/things")
async def list_things(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> dict[str, int]:
    return {"limit": limit}


@router.get("/gone")
async def gone() -> None:
    raise Gone("It was here.", extra={"since": "yesterday"})


@router.get("/fast")
async def fast() -> None:
    raise RateLimited("Too fast.", retry_after_s=7)


@router.get("/broken")
async def broken() -> None:
    raise KeyError("a secret that nobody may see")


@router.get("/dependent")
async def dependent() -> None:
    clients.client("dynamodb").get_item(TableName="absent", Key={"pk": {"S": "a"}})


@router.post("/copies")
async def copy_file(file: Annotated[UploadFile, File()]) -> Response:
    return Response(await file.read(), media_type="audio/mpeg")


def family(error: SluiceError, request_id: str) -> tuple[int, Mapping[str, Any]]:
    return error.status, {"error": {"code": error.machine_code}}


handler = lambda_handler(
    create_app("test", [router], families={"/other/": family}, forms={"/copies"})
)


def form(content: bytes, boundary: bytes = b"b0undary") -> dict[str, Any]:
    """A multipart request with one file."""
    disposition = b'Content-Disposition: form-data; name="file"; filename="a.mp3"'
    body = b"\r\n".join(
        [b"--" + boundary, disposition, b"", content, b"--" + boundary + b"--", b""]
    )
    media = f"multipart/form-data; boundary={boundary.decode()}"
    return {"raw": body, "headers": {"content-type": media}}


def test_every_answer_carries_its_request_id() -> None:
    first, second = call(handler, "GET", "/things"), call(handler, "GET", "/things")

    assert first.headers["x-request-id"].startswith("req_")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


def test_a_refusal_is_problem_details_with_its_request_id() -> None:
    answer = call(handler, "GET", "/gone")

    assert answer.status == 410
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json == {
        "type": "/docs/errors#gone",
        "title": "No longer available",
        "status": 410,
        "code": "gone",
        "detail": "It was here.",
        "request_id": answer.headers["x-request-id"],
        "since": "yesterday",
    }


def test_a_refusal_may_say_when_to_come_again() -> None:
    assert call(handler, "GET", "/fast").headers["retry-after"] == "7"


def test_an_api_family_renders_its_own_errors() -> None:
    answer = call(handler, "GET", "/other/path")

    assert answer.status == 404
    assert answer.json == {"error": {"code": "not_found"}}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/things", 405, "method_not_allowed"),
        ("GET", "/broken", 500, "internal_error"),
    ],
)
def test_what_goes_wrong_has_a_status_and_a_code(
    method: str, path: str, status: int, code: str
) -> None:
    answer = call(handler, method, path)

    assert (answer.status, answer.json["code"]) == (status, code)
    assert "secret" not in answer.content.decode()


def test_a_refused_method_is_told_all_that_the_path_knows() -> None:
    answer = call(handler, "DELETE", "/things")

    assert answer.headers["allow"] == "GET, POST"


def test_a_dependency_that_fails_is_503_and_tells_nothing_of_it(aws: Stage) -> None:
    answer = call(handler, "GET", "/dependent")

    assert (answer.status, answer.json["code"]) == (503, "service_unavailable")
    assert "absent" not in answer.content.decode()
    assert "retry-after" in answer.headers


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"nothing",
        b'{"name": NaN}',
        b'{"count": Infinity}',
        b'{"count": 1e999}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"name": "\\ud800"}',
        b"9" * 5_000,
    ],
)
def test_what_is_no_json_is_400(raw: bytes) -> None:
    answer = call(handler, "POST", "/things", raw=raw)

    assert (answer.status, answer.json["code"]) == (400, "invalid_json")


def test_fields_that_do_not_fit_are_named() -> None:
    answer = call(handler, "POST", "/things", body={"name": "x" * 11, "count": "many"})

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    assert {error["pointer"] for error in answer.json["errors"]} == {"/body/name", "/body/count"}


def test_a_thousand_faults_are_not_all_told() -> None:
    answer = call(handler, "GET", "/things", query={"limit": "0"})

    assert (answer.status, len(answer.json["errors"])) == (422, 1)


@pytest.mark.parametrize("media", ["text/plain", "", "multipart/form-data; boundary=x"])
def test_a_body_of_another_type_is_415(media: str) -> None:
    answer = call(handler, "POST", "/things", body={"name": "a"}, headers={"content-type": media})

    assert (answer.status, answer.json["code"]) == (415, "unsupported_media_type")


def test_json_may_name_its_encoding() -> None:
    answer = call(
        handler,
        "POST",
        "/things",
        body={"name": "ü"},
        headers={"content-type": "Application/JSON; charset=utf-8"},
    )

    assert answer.json == {"name": "ü", "count": 1}


def test_a_body_that_is_too_large_is_413_and_says_what_else_to_do() -> None:
    answer = call(handler, "POST", "/things", raw=b'"' + b"a" * MAX_BODY_BYTES + b'"')

    assert (answer.status, answer.json["code"]) == (413, "payload_too_large")
    assert "uploads" in answer.json["detail"]


def test_files_pass_in_forms_and_come_back_byte_for_byte() -> None:
    content = bytes(range(256)) + b"\r\n--b0undar\r\n"

    answer = call(handler, "POST", "/copies", **form(content))

    assert (answer.status, answer.headers["content-type"]) == (200, "audio/mpeg")
    assert answer.content == content


def test_a_form_is_refused_as_json_and_json_as_a_form() -> None:
    as_json = call(handler, "POST", "/copies", body={"file": "x"})
    as_form = call(handler, "POST", "/things", **form(b"x"))

    assert (as_json.status, as_form.status) == (415, 415)
    assert "multipart/form-data" in as_json.json["detail"]
    assert "application/json" in as_form.json["detail"]


@pytest.mark.parametrize(
    ("raw", "media"),
    [
        (b"nothing", "multipart/form-data; boundary=b0undary"),
        (b"--b0undary\r\n", "multipart/form-data"),
        (b"--b0undary\r\nx\r\n\r\n", "multipart/form-data; boundary=b0undary"),
        (b"--b0undary--", "multipart/form-data; boundary=b0undary"),
    ],
)
def test_what_is_no_form_is_a_refusal(raw: bytes, media: str) -> None:
    answer = call(handler, "POST", "/copies", raw=raw, headers={"content-type": media})

    assert answer.status in (400, 422)
    assert answer.json["code"] in ("bad_request", "invalid_input")


def test_a_form_is_bounded_so_that_its_event_fits_in_base_64() -> None:
    largest = call(handler, "POST", "/copies", **form(bytes(MAX_FORM_BYTES - 200)))
    larger = call(handler, "POST", "/copies", **form(bytes(MAX_FORM_BYTES)))

    assert largest.status == 200
    assert (larger.status, larger.json["code"]) == (413, "payload_too_large")
    assert "uploads" in larger.json["detail"]
