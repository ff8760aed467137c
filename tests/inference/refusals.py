"""What every refusal has in common."""

from tests.events import Answer
from tests.inference.platform import Client, Platform


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
