"""Files too large for a request: announced, posted to S3 by any HTTP client, used, fetched."""

import hashlib
from typing import Any

import httpx
import pytest

from local import picture
from tests.e2e.product import Person, code_of, submit

pytestmark = pytest.mark.xdist_group("platform")


def announce(person: Person, data: bytes) -> dict[str, Any]:
    file = {
        "content_type": "image/png",
        "size_bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    upload: dict[str, Any] = person.program.call("POST", "/v1/inference/uploads", file)
    return upload


def post(upload: dict[str, Any], data: bytes) -> httpx.Response:
    """As `curl -F` does it: the fields first, then the file."""
    return httpx.post(
        upload["url"], data=upload["fields"], files={"file": data}, trust_env=False, timeout=30
    )


def test_an_uploaded_picture_is_enlarged_and_its_link_leads_to_it(customer: Person) -> None:
    small = picture.draw()
    upload = announce(customer, small)
    assert post(upload, small).is_success

    given = {"image": upload["reference"], "scale": 4}
    job = submit(customer.program, "span-x4", given, wait_s=25).json()

    assert job["status"] == "succeeded"
    large = customer.program.download(job["result"]["images"][0]["url"])
    assert picture.size(large) == (512, 512)
    assert picture.similarity(small, large) > 0.95


def test_a_result_s_link_dies_with_the_result(customer: Person) -> None:
    small = picture.draw()
    upload = announce(customer, small)
    post(upload, small)
    given = {"image": upload["reference"], "scale": 4}
    job = submit(customer.program, "span-x4", given, wait_s=25).json()
    link = job["result"]["images"][0]["url"]

    customer.program.call("DELETE", f"/v1/inference/jobs/{job['id']}")

    gone = httpx.get(link, trust_env=False, timeout=30)
    assert code_of(gone) == (410, "result_expired")
    forged = httpx.get(link[:-1] + ("0" if link[-1] != "0" else "1"), trust_env=False, timeout=30)
    assert code_of(forged) == (403, "invalid_link")


def test_more_bytes_than_announced_are_refused_by_s3(customer: Person) -> None:
    small = picture.draw()
    upload = announce(customer, small)

    refused = post(upload, small + b"x")

    assert refused.status_code == 400
    given = {"image": upload["reference"], "scale": 4}
    assert code_of(submit(customer.program, "span-x4", given)) == (404, "upload_not_found")


def test_other_bytes_of_the_same_length_buy_nothing(customer: Person) -> None:
    """S3 would refuse them by the checksum in the signed policy; the emulator does not look at it,
    so here it is the product's own check that speaks."""
    small = picture.draw()
    money = customer.money
    upload = announce(customer, small)

    post(upload, small[:-1] + b"x")

    given = {"image": upload["reference"], "scale": 4}
    assert code_of(submit(customer.program, "span-x4", given)) == (422, "upload_mismatch")
    assert customer.money == money


def test_a_stranger_s_upload_does_not_exist(customer: Person, stranger: Person) -> None:
    small = picture.draw()
    upload = announce(stranger, small)
    post(upload, small)

    refused = submit(customer.program, "span-x4", {"image": upload["reference"], "scale": 4})

    assert code_of(refused) == (404, "upload_not_found")
