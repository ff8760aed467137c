"""Result pictures in another format than the model's."""

import re
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from functions.inference.jobs.job import ResultFile
from functions.inference.results import conversion
from tests.inference import samples
from tests.inference.gallery import download, opened, result
from tests.inference.platform import Client, Platform
from tests.inference.test_links import follow
from tests.seam import Call, Fault
from tests.stage import Stage


@pytest.fixture
def task(platform: Platform, ada: Client) -> Any:
    """An enlarged picture, wanted as WebP."""
    image = samples.base64_of(samples.picture())
    request = {"model_name": "span-x4", "image_base64": image, "scale_factor": 4}
    body = {"extra": {"response_image_type": "webp"}, "request": request}
    created = ada.send("POST", "/v3/async/upscale", body=body).json["task_id"]
    platform.clock.advance(2)
    return result(ada, created)


def test_a_deletion_while_it_is_made_leaves_nothing(
    aws: Stage, platform: Platform, task: Any
) -> None:
    job = task["task"]["task_id"]

    def delete_meanwhile(call: Call) -> Fault | None:
        if call.operation == "PutObject":
            aws.client("dynamodb").update_item(
                TableName=aws.table("jobs"),
                Key={"pk": {"S": f"JOB#{job}"}, "sk": {"S": "JOB"}},
                UpdateExpression="SET deleted = :true",
                ExpressionAttributeValues={":true": TypeSerializer().serialize(True)},
            )
        return None

    platform.fault = delete_meanwhile
    answer = follow(platform, task["images"][0]["image_url"])

    assert (answer.status, answer.json["code"]) == (410, "result_expired")
    assert not any(key.endswith(".webp") for key in platform.results)


def test_it_is_made_once(platform: Platform, task: Any) -> None:
    url = task["images"][0]["image_url"]
    download(platform, url)
    before = len(platform.calls)

    assert opened(download(platform, url)).format == "WEBP"

    later = [call.operation for call in platform.calls[before:]]
    assert "PutObject" not in later


def test_a_link_to_a_format_that_is_none_leads_nowhere(platform: Platform, task: Any) -> None:
    url = task["images"][0]["image_url"]

    for name in ("image.gif", "image.webp.webp", "other.webp", "image", ".webp"):
        assert follow(platform, re.sub(r"image-\w+\.webp", name, url)).status == 403


def test_a_picture_that_is_too_large_comes_as_the_model_made_it() -> None:
    large = ResultFile("image.png", "image/png", 1, width=3_000, height=3_000)

    assert not conversion.is_possible(large, "webp")
    assert conversion.is_possible(large, "png")
