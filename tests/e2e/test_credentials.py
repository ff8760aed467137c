"""Who may do what, on the deployed product."""

import secrets
import time

import pytest

from tests.e2e.product import Person, Product, chat, code_of, submit

pytestmark = pytest.mark.xdist_group("platform")

KEY_CACHE_S = 3
ENOUGH_REQUESTS = 4
"""To meet every process that may still remember a key."""


def test_a_revoked_key_is_refused_within_three_seconds(product: Product, customer: Person) -> None:
    made = customer.browser.call("POST", "/v1/auth/keys", {"name": "to be revoked"})
    program = product.client(made["secret"])
    assert program.is_welcome()
    program.call("GET", "/v1/inference/models")

    customer.browser.call("DELETE", f"/v1/auth/keys/{made['id']}")
    time.sleep(KEY_CACHE_S)

    for path in ("/v1/inference/jobs", "/v1/billing/balance", "/v1/auth/whoami"):
        answers = [program.send("GET", path) for _ in range(ENOUGH_REQUESTS)]
        assert {code_of(answer) for answer in answers} == {(401, "unauthenticated")}


def test_a_stranger_s_job_does_not_exist(customer: Person, stranger: Person) -> None:
    job = submit(customer.program, "smollm2-135m", chat("Say hello."), wait_s=25).json()

    for method in ("GET", "DELETE"):
        refused = stranger.program.send(method, f"/v1/inference/jobs/{job['id']}")
        assert code_of(refused) == (404, "job_not_found")

    shown = customer.program.call("GET", f"/v1/inference/jobs/{job['id']}")
    assert (shown["status"], shown["deleted"]) == ("succeeded", False)


def test_who_has_not_verified_the_address_cannot_sign_in(product: Product) -> None:
    email, password = f"{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(12)
    browser = product.client()
    browser.ask_to_sign_up(email, password)

    refused = browser.send("POST", "/v1/auth/sign-in", {"email": email, "password": password})

    assert code_of(refused) == (403, "email_not_verified")
    assert "set-cookie" not in refused.headers


@pytest.mark.parametrize(
    "path",
    ["/v1/auth/whoami", "/v1/billing/balance", "/v1/content/verdicts", "/v1/inference/jobs"],
)
def test_every_service_asks_who_is_there(product: Product, customer: Person, path: str) -> None:
    assert customer.browser.send("GET", path).is_success  # and its session stays its own

    assert code_of(product.client().send("GET", path)) == (401, "unauthenticated")
