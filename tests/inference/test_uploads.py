"""Files too large for a request: announced, sent to S3, named in an input."""

import base64
import hashlib
from typing import Any

from tests.events import Answer
from tests.inference import samples
from tests.inference.platform import Client, Platform

UPLOADS = "/v1/inference/uploads"


def announce(client: Client, content: bytes, **changes: Any) -> Answer:
    headers = {"idempotency-key": changes.pop("key")} if "key" in changes else {}
    body = {
        "content_type": "image/png",
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return client.send("POST", UPLOADS, body=body | changes, headers=headers)


def put(platform: Platform, upload: str, content: bytes) -> None:
    """What S3 does with the form; it is S3 that compares type, size and checksum."""
    platform.objects[f"uploads/{upload}"] = content


def test_an_uploaded_picture_can_be_used_by_its_name(platform: Platform, ada: Client) -> None:
    content = samples.picture()
    announced = announce(ada, content).json
    put(platform, announced["id"], content)

    job = ada.submit("span-x4", {"image": announced["reference"]}, prefer="wait").json

    assert announced["reference"] == f"upload:{announced['id']}"
    assert job["status"] == "succeeded"
    assert job["result"]["images"][0]["width"] == 320


def test_the_form_lets_exactly_the_announced_file_through(ada: Client) -> None:
    content = samples.picture()

    form = announce(ada, content).json["fields"]
    policy = base64.b64decode(form["policy"]).decode()

    assert form["Content-Type"] == "image/png"
    assert (
        form["x-amz-checksum-sha256"] == base64.b64encode(hashlib.sha256(content).digest()).decode()
    )
    assert f'["content-length-range", {len(content)}, {len(content)}]' in policy
    assert '"x-amz-checksum-sha256"' in policy


def test_somebody_elses_upload_does_not_exist(
    platform: Platform, ada: Client, mallory: Client
) -> None:
    content = samples.picture()
    announced = announce(ada, content).json
    put(platform, announced["id"], content)

    answer = mallory.submit("span-x4", {"image": announced["reference"]})

    assert (answer.status, answer.json["code"]) == (404, "upload_not_found")
    assert mallory.spent_nanos == 0


def test_an_upload_that_was_never_sent_or_is_a_day_old_does_not_exist(
    platform: Platform, ada: Client
) -> None:
    content = samples.picture()
    announced = announce(ada, content).json

    unsent = ada.submit("span-x4", {"image": announced["reference"]})
    put(platform, announced["id"], content)
    platform.clock.advance(24 * 3600)
    expired = ada.submit("span-x4", {"image": announced["reference"]})

    assert unsent.status == expired.status == 404


def test_a_file_that_is_not_the_announced_one_is_refused(platform: Platform, ada: Client) -> None:
    announced = announce(ada, samples.picture()).json
    put(platform, announced["id"], samples.picture(9, 9))

    answer = ada.submit("span-x4", {"image": announced["reference"]})

    assert (answer.status, answer.json["code"]) == (422, "upload_mismatch")


def test_a_file_larger_than_any_model_takes_is_refused_before_it_is_sent(ada: Client) -> None:
    answer = announce(ada, b"", size_bytes=5_000_001)

    assert (answer.status, answer.json["code"]) == (413, "payload_too_large")
    assert "5000000" in answer.json["detail"]


def test_what_no_model_takes_cannot_be_announced(ada: Client) -> None:
    for wrong in (
        {"content_type": "text/html"},
        {"size_bytes": 0},
        {"size_bytes": 1e308},
        {"size_bytes": "12"},
        {"sha256": "A" * 64},
        {"extra": 1},
    ):
        answer = announce(ada, b"x", **wrong)

        assert (answer.status, answer.json["code"]) == (422, "invalid_input"), wrong


def test_the_same_announcement_again_gives_the_same_upload(ada: Client) -> None:
    first = announce(ada, b"x", key="k")
    again = announce(ada, b"x", key="k")
    other = announce(ada, b"y", key="k")

    assert first.status == again.status == 201
    assert again.json["id"] == first.json["id"]
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status, other.json["code"]) == (422, "idempotency_mismatch")


def test_an_upload_is_deleted_at_once_and_only_by_its_owner(
    platform: Platform, ada: Client, mallory: Client
) -> None:
    content = samples.picture()
    announced = announce(ada, content).json
    put(platform, announced["id"], content)
    path = f"{UPLOADS}/{announced['id']}"

    foreign = mallory.send("DELETE", path)
    kept = len(list(platform.objects))
    deleted = ada.send("DELETE", path)
    again = ada.send("DELETE", path)
    used = ada.submit("span-x4", {"image": announced["reference"]})

    assert (foreign.status, foreign.json["code"]) == (404, "upload_not_found")
    assert kept == 1
    assert (deleted.status, again.status) == (204, 404)
    assert list(platform.objects) == []
    assert (used.status, used.json["code"]) == (404, "upload_not_found")
