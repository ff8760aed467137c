"""Signed links to results: they are the credential, and they can be revoked."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.events import Answer
from tests.inference import samples
from tests.inference.platform import Client, Platform
from tests.stage import PUBLIC_URL


@pytest.fixture
def job(ada: Client) -> Any:
    image = samples.base64_of(samples.picture())
    return ada.submit("span-x4", {"image": image}, prefer="wait").json


def follow(platform: Platform, url: str, **changes: str) -> Answer:
    """As a browser does: without a key."""
    parts = urlsplit(url)
    return platform.send("GET", parts.path, query=dict(parse_qsl(parts.query)) | changes)


def test_a_link_leads_to_the_picture_for_a_minute(platform: Platform, job: Any) -> None:
    answer = follow(platform, job["result"]["images"][0]["url"])
    target = urlsplit(answer.headers["location"])

    assert job["result"]["images"][0]["url"].startswith(PUBLIC_URL)
    assert answer.status == 302
    assert answer.headers["cache-control"] == "no-store"
    assert re.search(rf"results/{job['id']}/image-[0-9a-f]{{8}}\.png$", target.path)
    assert dict(parse_qsl(target.query))["X-Amz-Expires"] == "60"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("signature", "0" * 64),
        ("signature", "é"),
        ("signature", ""),
        ("expires", "9999999999"),
    ],
)
def test_a_tampered_link_is_refused(platform: Platform, job: Any, name: str, value: str) -> None:
    answer = follow(platform, job["result"]["images"][0]["url"], **{name: value})

    assert answer.status in (403, 422)
    assert answer.json["code"] in ("invalid_link", "invalid_input")


def test_a_link_of_one_job_does_not_open_another(platform: Platform, ada: Client, job: Any) -> None:
    other = ada.submit(
        "span-x4", {"image": samples.base64_of(samples.picture(55, 55))}, prefer="wait"
    ).json

    url = job["result"]["images"][0]["url"].replace(job["id"], other["id"])

    assert follow(platform, url).json["code"] == "invalid_link"


def test_an_expired_link_says_so_and_a_new_one_works(
    platform: Platform, ada: Client, job: Any
) -> None:
    platform.clock.advance(3_601)

    old = follow(platform, job["result"]["images"][0]["url"])
    new = follow(platform, ada.job(job["id"])["result"]["images"][0]["url"])

    assert (old.status, old.json["code"]) == (410, "result_expired")
    assert new.status == 302


def test_deleting_the_job_ends_its_links(platform: Platform, ada: Client, job: Any) -> None:
    ada.send("DELETE", f"/v1/inference/jobs/{job['id']}")

    answer = follow(platform, job["result"]["images"][0]["url"])

    assert (answer.status, answer.json["code"]) == (410, "result_expired")
