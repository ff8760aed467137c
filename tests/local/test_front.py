"""The front answers as API Gateway and S3 would, whatever the emulator does behind it."""

import asyncio
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import httpx
import pytest

from local.front.app import MAX_LAMBDA_BYTES, MAX_OBJECT_BYTES, create_app
from local.home import Home, write_json

type Emulator = Callable[[httpx.Request], httpx.Response]

TIMEOUT_S = 0.2


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    write_json(home.deployed, {"api_id": "a1b2c3d4"})
    return home


def ask(
    home: Home,
    emulator: Emulator,
    method: str = "GET",
    path: str = "/v1/auth/whoami",
    content: bytes = b"",
    headers: Iterable[tuple[str, str]] = (),
) -> httpx.Response:
    """One request of a viewer through the front."""

    async def through() -> httpx.Response:
        behind = httpx.AsyncClient(
            base_url="https://emulator", transport=httpx.MockTransport(emulator)
        )
        front = create_app(home, behind, TIMEOUT_S)
        transport = httpx.ASGITransport(front, client=("192.0.2.7", 1))
        async with httpx.AsyncClient(base_url="http://localhost", transport=transport) as viewer:
            return await viewer.request(method, path, content=content, headers=list(headers))

    return asyncio.run(through())


def never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.url} was asked")


def test_a_request_reaches_the_deployed_api_as_it_came(home: Home) -> None:
    seen: list[httpx.Request] = []

    def emulator(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(202, json={"id": "job"}, headers={"x-request-id": "r"})

    answer = ask(
        home,
        emulator,
        "POST",
        "/v1/inference/jobs?cursor=a%2Fb",
        b"{}",
        [("authorization", "Bearer k")],
    )

    assert (answer.status_code, answer.json()) == (202, {"id": "job"})
    assert answer.headers["x-request-id"] == "r"
    (request,) = seen
    api = b"/_aws/execute-api/a1b2c3d4/%24default"
    assert request.url.raw_path == api + b"/v1/inference/jobs?cursor=a%2Fb"
    assert (request.method, request.content) == ("POST", b"{}")
    assert request.headers["authorization"] == "Bearer k"
    assert request.headers["x-forwarded-for"] == "192.0.2.7"


def test_a_session_of_one_viewer_is_set_and_nothing_else(home: Home) -> None:
    cookies = [("set-cookie", "sluice_session=a"), ("set-cookie", "other=b")]

    answer = ask(home, lambda _: httpx.Response(200, headers=cookies, json={}))

    assert answer.headers.get_list("set-cookie") == ["sluice_session=a", "other=b"]


def test_before_a_deployment_there_is_no_service(tmp_path: Path) -> None:
    answer = ask(Home(tmp_path), never)

    assert answer.status_code == 503


def test_a_body_that_lambda_would_not_take_goes_nowhere(home: Home) -> None:
    answer = ask(home, never, "POST", content=b"x" * (MAX_LAMBDA_BYTES + 1))

    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})


def test_an_answer_that_lambda_would_not_give_is_an_internal_error(home: Home) -> None:
    large = b"x" * (MAX_LAMBDA_BYTES + 1)

    answer = ask(home, lambda _: httpx.Response(200, content=large))

    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


def test_nobody_waits_longer_than_the_gateway_does(home: Home) -> None:
    def emulator(request: httpx.Request) -> httpx.Response:
        raise AssertionError("answered by the slow one")

    async def slow(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(10 * TIMEOUT_S)
        return emulator(request)

    answer = ask(home, slow)  # type: ignore[arg-type]  # MockTransport takes coroutines, too

    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})


def test_a_crashed_function_tells_the_viewer_nothing(home: Home) -> None:
    crash = {"errorMessage": "AccessDeniedException: arn:aws:iam::role", "errorType": "ClientError"}

    answer = ask(home, lambda _: httpx.Response(502, json=crash))

    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


def test_a_throttled_function_is_no_rate_limit_of_ours(home: Home) -> None:
    throttled = {
        "__type": "TooManyRequestsException",
        "Reason": "ConcurrentInvocationLimitExceeded",
    }
    ours = {"code": "rate_limited", "status": 429}

    answer = ask(home, lambda _: httpx.Response(429, json=throttled))
    limited = ask(home, lambda _: httpx.Response(429, json=ours))

    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})
    assert (limited.status_code, limited.json()) == (429, ours)


def test_a_presigned_link_reaches_s3_with_its_signature_whole(home: Home) -> None:
    seen: list[bytes] = []

    def emulator(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(200, content=b"picture", headers={"content-type": "image/png"})

    link = "/bucket/results/large.png?X-Amz-Credential=a%2F20261101%2Fs3&X-Amz-Signature=s"
    answer = ask(home, emulator, path=f"/_local/s3{link}")

    assert (answer.content, answer.headers["content-type"]) == (b"picture", "image/png")
    assert seen == [link.encode()]


def test_an_upload_beyond_all_bounds_is_refused_in_s3_s_words(home: Home) -> None:
    large = b"x" * (MAX_OBJECT_BYTES + 1)

    answer = ask(home, never, "POST", "/_local/s3/bucket", large)

    assert answer.status_code == 400
    assert "EntityTooLarge" in answer.text


def test_a_mail_is_text_to_the_mailbox_s_page(home: Home) -> None:
    mail = {
        "To": ["a@example.com"],
        "Subject": "<b>hello</b>",
        "BodyText": "<script>alert(1)</script>",
        "Timestamp": 1.0,
    }

    def emulator(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=json.dumps({"messages": {"000000000000": [mail]}}))

    shown = ask(home, emulator, path="/_local/mail").text

    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;" in shown
