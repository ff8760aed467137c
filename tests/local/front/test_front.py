"""The front, before an upstream of this process: limits, headers, and no memory."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from local.front.app import MAX_LAMBDA_BYTES, MAX_OBJECT_BYTES, create_app, upstream
from local.home import Home, write_json

type Answer = Callable[[httpx.Request], httpx.Response]


class Upstream(httpx.AsyncBaseTransport):
    """The emulator's place: remembers what it was asked, and answers after a while."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.answer: Answer = lambda request: httpx.Response(200, json={"path": request.url.path})
        self.after_s = 0.0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        await asyncio.sleep(self.after_s)
        return self.answer(request)


@pytest.fixture
def emulator() -> Upstream:
    return Upstream()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    write_json(home.deployed, {"api_id": "abc", "fingerprint": "f"})
    return home


@pytest.fixture
def app(home: Home, emulator: Upstream) -> Starlette:
    return create_app(home, upstream("https://aws", transport=emulator), gateway_timeout_s=0.2)


@pytest.fixture
def viewer(app: Starlette) -> TestClient:
    return TestClient(app)


def test_the_api_is_asked_at_its_default_stage(viewer: TestClient, emulator: Upstream) -> None:
    answer = viewer.post("/v1/inference/jobs?a=1&b=%2F", content=b"{}")

    assert answer.status_code == 200
    (asked,) = emulator.asked
    path = b"/_aws/execute-api/abc/%24default/v1/inference/jobs?a=1&b=%2F"
    assert asked.url.raw_path == path
    assert asked.content == b"{}"
    assert asked.headers["x-forwarded-for"] == "testclient"


@pytest.mark.parametrize("path", ["/v1/inference/models/%C2%81%04%3F%23", "/v3/a%0Ab"])
def test_what_is_escaped_in_a_path_stays_so(
    viewer: TestClient, emulator: Upstream, path: str
) -> None:
    viewer.get(path)

    (asked,) = emulator.asked
    assert asked.url.raw_path.endswith(path.encode())


def test_six_megabytes_pass_and_a_byte_more_does_not(
    viewer: TestClient, emulator: Upstream
) -> None:
    passed = viewer.post("/v1/x", content=b"x" * MAX_LAMBDA_BYTES)
    refused = viewer.post("/v1/x", content=b"x" * (MAX_LAMBDA_BYTES + 1))

    assert (passed.status_code, refused.status_code) == (200, 413)
    assert len(emulator.asked) == 1


def test_an_answer_that_lambda_could_not_give_is_an_error(
    viewer: TestClient, emulator: Upstream
) -> None:
    emulator.answer = lambda _: httpx.Response(200, content=b"x" * (MAX_LAMBDA_BYTES + 1))

    assert viewer.get("/v1/x").status_code == 500


def test_the_gateway_gives_up(viewer: TestClient, emulator: Upstream) -> None:
    emulator.after_s = 5

    refused = viewer.get("/v1/x")

    assert (refused.status_code, refused.json()) == (503, {"message": "Service Unavailable"})


def test_a_crashed_function_tells_the_viewer_nothing(
    viewer: TestClient, emulator: Upstream
) -> None:
    crash = {"errorMessage": "AccessDenied: arn:aws:iam::role", "errorType": "ClientError"}
    emulator.answer = lambda _: httpx.Response(502, json=crash)

    answer = viewer.get("/v1/x")

    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


def test_lambda_s_throttle_is_no_rate_limit_of_ours(viewer: TestClient, emulator: Upstream) -> None:
    ours = {"code": "rate_limited", "status": 429}
    emulator.answer = lambda _: httpx.Response(429, json=ours)
    limited = viewer.get("/v1/x")
    throttle = {"__type": "TooManyRequestsException", "message": "Rate Exceeded."}
    emulator.answer = lambda _: httpx.Response(429, json=throttle)
    throttled = viewer.get("/v1/x")

    assert (limited.status_code, limited.json()) == (429, ours)
    assert (throttled.status_code, throttled.json()) == (503, {"message": "Service Unavailable"})


def test_an_upload_beyond_its_bound_is_refused_in_s3_s_words(
    viewer: TestClient, emulator: Upstream
) -> None:
    refused = viewer.post("/_local/s3/bucket", content=b"x" * (MAX_OBJECT_BYTES + 1))

    assert refused.status_code == 400
    assert "EntityTooLarge" in refused.text
    assert not emulator.asked


def test_before_a_deployment_there_is_no_api(home: Home, viewer: TestClient) -> None:
    home.deployed.unlink()

    assert viewer.get("/v1/x").status_code == 503


def test_one_viewer_s_session_is_not_another_s(app: Starlette, emulator: Upstream) -> None:
    cookie = "sluice_session=secret; Path=/; Secure; HttpOnly"
    emulator.answer = lambda _: httpx.Response(200, headers={"set-cookie": cookie})

    signed_in = TestClient(app).post("/v1/auth/sign-in")
    TestClient(app).get("/v1/auth/whoami")

    assert signed_in.headers["set-cookie"] == cookie
    assert "cookie" not in emulator.asked[1].headers


def test_presigned_links_reach_s3_as_they_were_signed(
    viewer: TestClient, emulator: Upstream
) -> None:
    viewer.get("/_local/s3/bucket/results/a%20b?X-Amz-Signature=1")

    assert emulator.asked[0].url.raw_path == b"/bucket/results/a%20b?X-Amz-Signature=1"


def test_answers_keep_their_headers_and_their_length(
    viewer: TestClient, emulator: Upstream
) -> None:
    emulator.answer = lambda _: httpx.Response(
        201, headers=[("Location", "/x"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], text="ok"
    )

    answer = viewer.get("/v1/x")

    assert (answer.status_code, answer.headers["location"]) == (201, "/x")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["content-length"] == "2"
