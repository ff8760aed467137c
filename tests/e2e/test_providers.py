"""Signing in by the local Google and GitHub, on the deployed product."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from local.client import TERMS
from tests.e2e.browser import Browser
from tests.e2e.product import Product, until

pytestmark = [pytest.mark.xdist_group("platform"), pytest.mark.prove]


def arrive(browser: Browser, provider: str, person: str, path: str = "start", **body: Any) -> str:
    """There and back again: the page of ours where it ends."""
    started = browser.send("POST", f"/v1/auth/providers/{provider}/{path}", body)
    assert started.status_code == 201, started.text
    page = browser.visit(started.json()["url"])
    assert page.status_code == 200, page.text
    back = browser.visit(browser.choose(page, person))
    assert back.status_code == 303, back.text
    return str(back.headers["location"])


def complete(browser: Browser) -> None:
    body = {
        "attestation": {"age_or_authority": True},
        "accept": {"terms": TERMS, "privacy": TERMS},
    }
    signed = browser.send("POST", "/v1/auth/providers/sign-up", body)
    assert signed.status_code == 201, signed.text


def whoami(browser: Browser) -> Any:
    return browser.send("GET", "/v1/auth/whoami").json()


@pytest.mark.parametrize(("provider", "person"), [("google", "ada"), ("github", "private")])
def test_somebody_new_signs_up_gets_the_free_quota_and_comes_back(
    product: Product, provider: str, person: str
) -> None:
    browser, other = Browser(product.url), Browser(product.url)

    assert arrive(browser, provider, person).startswith("/sign-up/complete")
    complete(browser)
    assert arrive(other, provider, person, return_to="/keys") == "/keys"

    assert whoami(other)["user"] == whoami(browser)["user"]

    def has_credit() -> bool:
        balance = browser.send("GET", "/v1/billing/balance").json()
        return int(balance["available"]["nanos"]) > 0

    until(has_credit, "the free grant")
    made = browser.send("POST", "/v1/auth/keys", {"name": "by provider"})
    assert made.status_code == 201
    assert product.client(made.json()["secret"]).is_welcome()


@pytest.mark.parametrize("provider", ["google", "github"])
def test_who_has_no_verified_address_there_stays_outside(product: Product, provider: str) -> None:
    browser = Browser(product.url)

    page = arrive(browser, provider, "unverified")

    assert parse_qs(urlsplit(page).query)["error"] == ["email_not_verified_by_provider"]
    assert browser.send("GET", "/v1/auth/whoami").status_code == 401


def test_a_user_links_google_and_steps_up_by_it(product: Product) -> None:
    owner, browser = product.newcomer(), Browser(product.url)
    credentials = {"email": owner.email, "password": owner.password}
    assert browser.send("POST", "/v1/auth/sign-in", credentials).is_success

    linked = arrive(browser, "google", "grace", "start-for-user", purpose="link", return_to="/me")
    assert linked == "/me"
    stepped = arrive(
        browser, "google", "grace", "start-for-user", purpose="step-up", return_to="/keys"
    )

    assert stepped == "/keys"
    assert browser.send("POST", "/v1/auth/step-up", {}).is_success
    [identity] = browser.send("GET", "/v1/auth/identities").json()["data"]
    assert identity["provider"] == "google"
    fresh = Browser(product.url)
    assert arrive(fresh, "google", "grace") == "/"
    assert whoami(fresh)["user"] == whoami(browser)["user"]
    assert browser.send("DELETE", "/v1/auth/identities/google").is_success


def test_an_answer_is_worth_nothing_in_another_browser(product: Product) -> None:
    browser, thief = Browser(product.url), Browser(product.url)
    started = browser.send("POST", "/v1/auth/providers/github/start", {}).json()["url"]
    page = browser.visit(started)
    answer = browser.send("GET", browser.choose(page, "octo")).headers["location"]

    stolen = thief.visit(answer).headers["location"]

    assert parse_qs(urlsplit(stolen).query)["error"] == ["sign_in_expired"]
