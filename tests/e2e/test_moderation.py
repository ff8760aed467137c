"""What is screened, by whom, and that nobody pays for a block."""

import base64
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import picture
from tests.e2e.product import Person, Product, chat, end_of, submit, until

pytestmark = pytest.mark.xdist_group("platform")

THREAT = "I will find you tonight and kill you and your whole family with my knife."


def test_a_forbidden_prompt_is_blocked_uncharged_and_recorded(customer: Person) -> None:
    money = customer.money

    job = submit(customer.program, "smollm2-135m", chat(THREAT), wait_s=25).json()

    assert (job["status"], job["error"]["code"]) == ("blocked", "content_blocked")
    assert job["price"]["charged"]["nanos"] == "0"
    assert job["result"] is None
    assert customer.money == money
    recorded = _verdict(customer, job["id"])
    assert (recorded["stage"], recorded["action"]) == ("input", "block")
    assert {found["category"] for found in recorded["findings"]} & {"threats", "violence"}


def test_the_verdict_is_our_double_s_and_not_the_emulator_s(
    product: Product, customer: Person
) -> None:
    own = product.aws("bedrock-runtime")
    with pytest.raises(ClientError):
        own.apply_guardrail(
            guardrailIdentifier="sluicelocal",
            guardrailVersion="1",
            source="INPUT",
            content=[{"text": {"text": THREAT}}],
        )

    job = submit(customer.program, "smollm2-135m", chat(THREAT), wait_s=25).json()

    recorded = _verdict(customer, job["id"])
    assert {found["detector"] for found in recorded["findings"]} == {"guardrail:sluicelocal:1"}


def test_a_picture_is_screened_by_our_double_before_and_after(
    product: Product, customer: Person
) -> None:
    for _ in range(3):
        product.break_moderation("DetectModerationLabels", "slow")
    given = {"image": base64.b64encode(picture.draw()).decode(), "scale": 4}

    job = submit(customer.program, "span-x4", given, wait_s=25).json()

    assert end_of(customer.program, job["id"])["status"] == "succeeded"
    # Of the three, the picture that came and the picture that went met one each.
    assert product.break_moderation("DetectModerationLabels", "slow") == 2


def test_nothing_leaves_while_the_output_cannot_be_screened(
    product: Product, customer: Person
) -> None:
    money = customer.money
    given = {"image": base64.b64encode(picture.draw()).decode(), "scale": 4}
    product.break_moderation("DetectModerationLabels", "slow")  # the input's, let through
    for _ in range(30):
        product.break_moderation("DetectModerationLabels", "unavailable")
    runs = product.model("span-x4")["counts"].get("succeeded", 0)

    job = submit(customer.program, "span-x4", given).json()

    until(lambda: product.model("span-x4")["counts"].get("succeeded", 0) > runs, "the answer")
    shown = customer.program.call("GET", f"/v1/inference/jobs/{job['id']}")
    assert (shown["status"], shown["result"]) == ("accepted", None)
    assert not [key for key in product.keys_of(job["id"]) if key.startswith("results/")]
    customer.program.call("DELETE", f"/v1/inference/jobs/{job['id']}")
    assert customer.money == money


def _verdict(person: Person, job: str) -> dict[str, Any]:
    """The stream brings it to the content service."""

    def recorded() -> list[dict[str, Any]]:
        page = person.program.call("GET", "/v1/content/verdicts")
        return [verdict for verdict in page["data"] if verdict["job"] == job]

    until(lambda: bool(recorded()), "the verdict's record")
    return recorded()[0]
