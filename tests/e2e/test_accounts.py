"""Getting back in, and throwing others out, on the deployed product."""

import re
import secrets
import time

import pytest

from local.client import Client
from tests.e2e.product import Person, Product, chat, code_of, end_of, submit, until

pytestmark = pytest.mark.xdist_group("platform")

CODE = re.compile(r"\b[a-z2-7]{32}\b")
CACHE_S = 3
ENDED_WITHIN_S = 5
ENOUGH_REQUESTS = 4
"""To meet every process that may still remember a credential."""
PATHS = ("/v1/inference/jobs", "/v1/billing/balance", "/v1/auth/whoami")


def mails_to(product: Product, email: str) -> list[str]:
    """The newest first."""
    mails = product.client().call("GET", "/_local/mail.json")
    return [f"{mail['subject']}\n{mail['text']}" for mail in mails if email in mail["to"]]


def reset(product: Product, email: str, password: str) -> None:
    """As somebody who reads the mailbox does."""
    anybody = product.client()
    anybody.call("POST", "/v1/auth/password/reset", {"email": email})
    until(lambda: CODE.search(mails_to(product, email)[0]) is not None, "the mailed code")
    found = CODE.search(mails_to(product, email)[0])
    assert found
    body = {"email": email, "code": found[0], "password": password}
    anybody.call("POST", "/v1/auth/password/reset/confirm", body)


def signed_in(product: Product, email: str, password: str) -> Client:
    browser = product.client()
    browser.sign_in(email, password)
    return browser


def assert_out(client: Client) -> None:
    for path in PATHS:
        answers = [client.send("GET", path) for _ in range(ENOUGH_REQUESTS)]
        assert {code_of(answer) for answer in answers} == {(401, "unauthenticated")}


def test_a_reset_by_mail_throws_everybody_out_and_lets_the_owner_in(product: Product) -> None:
    owner = product.newcomer()
    other = signed_in(product, owner.email, owner.password)
    assert len(other.call("GET", "/v1/auth/sessions")["data"]) == 2
    new = secrets.token_urlsafe(12)

    reset(product, owner.email, new)
    time.sleep(CACHE_S)

    for browser in (owner.browser, other):
        assert_out(browser)
    old = {"email": owner.email, "password": owner.password}
    assert code_of(product.client().send("POST", "/v1/auth/sign-in", old))[0] == 401
    back = signed_in(product, owner.email, new)
    assert [each["current"] for each in back.call("GET", "/v1/auth/sessions")["data"]] == [True]
    assert owner.program.is_welcome()  # keys go on
    told = "A new password was set"
    until(lambda: any(told in mail for mail in mails_to(product, owner.email)), "the notice")


def test_of_ones_sessions_one_or_all_others_can_be_ended(product: Product) -> None:
    owner = product.newcomer()
    others = [signed_in(product, owner.email, owner.password) for _ in range(2)]
    first = others[0].call("GET", "/v1/auth/sessions")["data"]
    own = next(each["id"] for each in first if each["current"])

    owner.browser.call("DELETE", f"/v1/auth/sessions/{own}")
    ended = owner.browser.call("DELETE", "/v1/auth/sessions")
    time.sleep(CACHE_S)

    assert ended == {"ended": 1}
    for browser in others:
        assert_out(browser)
    assert owner.browser.is_welcome()


def test_a_compromised_account_is_closed_to_all_that_acted_for_it(product: Product) -> None:
    owner = product.newcomer()
    other = signed_in(product, owner.email, owner.password)
    for client in (owner.program, other):
        assert client.send("GET", "/v1/billing/balance").is_success
    assert _answers(owner)

    owner.browser.call("POST", "/v1/auth/compromised")
    time.sleep(ENDED_WITHIN_S)

    for client in (owner.program, owner.browser, other):
        assert_out(client)
    new = secrets.token_urlsafe(12)
    reset(product, owner.email, new)
    browser = signed_in(product, owner.email, new)
    log = [each["action"] for each in browser.call("GET", "/v1/auth/audit")["data"]]
    assert {"account.secured", "key.revoked", "session.ended", "password.reset"} <= set(log)
    key = browser.call("POST", "/v1/auth/keys", {"name": "after"})["secret"]
    again = Person(owner.email, new, browser, key, product.client(key))
    until(lambda: _answers(again), "the new key's first job")
    told = "Your account was secured"
    until(lambda: any(told in mail for mail in mails_to(product, owner.email)), "the notice")


def _answers(person: Person) -> bool:
    """Whether a job is accepted and done; right after securing billing may not know yet."""
    answer = submit(person.program, "smollm2-135m", chat("Say hello."))
    if answer.status_code == 503:
        return False
    return bool(end_of(person.program, answer.json()["id"])["status"] == "succeeded")


def test_a_key_for_one_model_calls_no_other(product: Product, customer: Person) -> None:
    browser = signed_in(product, customer.email, customer.password)
    made = browser.call("POST", "/v1/auth/keys", {"name": "narrow", "models": ["e5-small"]})

    program = product.client(made["secret"])

    refused = submit(program, "smollm2-135m", chat("Say hello."))
    assert code_of(refused) == (403, "model_not_allowed")
    assert submit(program, "e5-small", {"input": "query: hello"}).is_success
