"""An account's last day, on the deployed product: the schedule's function and what it may do, the
outbox, and every service's door."""

import time

import pytest

from local.parts import STAGE
from tests.e2e.product import Person, Product, code_of, until

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("platform")]
CLOSING = "/v1/auth/closing"
KEY_CACHE_S = 3


def bring_forward(product: Product, account: str) -> None:
    """Let the thirty days be over."""
    past_ms = int(time.time() * 1000) - 1
    product.aws("dynamodb").update_item(
        TableName=f"{STAGE.prefix}-accounts",
        Key={"pk": {"S": f"ACCOUNT#{account}"}, "sk": {"S": "ACCOUNT"}},
        UpdateExpression="SET closes_ms = :ms, gsi1sk = :due",
        ConditionExpression="attribute_exists(closes_ms)",
        ExpressionAttributeValues={
            ":ms": {"N": str(past_ms)},
            ":due": {"S": f"{past_ms:013d}#{account}"},
        },
    )


def strike(product: Product) -> None:
    """The hour."""
    function = STAGE.function_name("auth", "closer")
    answer = product.aws("lambda").invoke(FunctionName=function, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()


def test_an_account_is_asked_to_close_kept_and_closed(product: Product) -> None:
    person: Person = product.newcomer()
    account = str(person.browser.call("GET", "/v1/auth/whoami")["account"])

    asked = person.browser.call("POST", CLOSING, {})
    strike(product)
    kept = person.browser.call("DELETE", CLOSING)
    person.browser.call("POST", CLOSING, {})
    works = person.program.is_welcome()
    bring_forward(product, account)
    strike(product)
    time.sleep(KEY_CACHE_S)

    assert (asked["state"], kept["state"], works) == ("closing", "open", True)
    until(lambda: not person.program.is_welcome(), "the key ends", limit_s=10)
    refused = person.browser.send(
        "POST", "/v1/auth/sign-in", {"email": person.email, "password": person.password}
    )
    assert code_of(refused) == (401, "wrong_credentials")
    for path in ("/v1/billing/balance", "/v1/inference/jobs", "/v1/content/verdicts"):
        assert code_of(person.program.send("GET", path)) == (401, "unauthenticated")
