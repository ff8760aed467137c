"""An organization's life on the deployed product, under the permissions that its functions have."""

import re
import subprocess
import sys
import time
from typing import Any

import pytest

from local.client import Client
from local.home import ROOT
from local.parts import STAGE, credentials, own_environment, python_path
from tests.e2e.product import Person, Product, chat, code_of, end_of, submit, until
from tests.e2e.test_accounts import CACHE_S, mails_to

pytestmark = [pytest.mark.xdist_group("platform"), pytest.mark.prove]

TOKEN = re.compile(r"(?<![\w-])[\w-]{32}(?![\w-])")


def within(account: str) -> dict[str, str]:
    return {"Sluice-Account": account}


def invited(product: Product, email: str) -> str:
    """The token of the newest mail."""
    until(lambda: "invited" in "".join(mails_to(product, email)[:1]), "the invitation")
    found = TOKEN.search(mails_to(product, email)[0])
    assert found
    return found.group()


def make(owner: Person, name: str = "Engines", **more: Any) -> str:
    body = {"name": name} | more
    return str(owner.browser.call("POST", "/v1/auth/organizations", body)["id"])


def take_in(product: Product, owner: Person, account: str, person: Person, role: str) -> None:
    body = {"email": person.email, "role": role}
    owner.browser.call("POST", "/v1/auth/invitations", body, within(account))
    token = invited(product, person.email)
    person.browser.call("POST", "/v1/auth/invitations/accept", {"token": token})


def user_of(person: Person) -> str:
    return str(person.browser.call("GET", "/v1/auth/whoami")["user"])


def test_people_share_an_account_hand_it_over_and_leave(product: Product) -> None:
    ada, grace = product.newcomer(), product.newcomer()
    account = make(ada, from_own_account=True)  # with its credit and its key
    own = ada.browser.call("GET", "/v1/auth/whoami")["account"]
    assert own != account
    take_in(product, ada, account, grace, "developer")

    paid = grace.browser.call("POST", "/v1/auth/keys", {"name": "ci"}, within(account))
    program = product.client(paid["secret"])
    job = submit(program, "smollm2-135m", chat("Say hello.")).json()
    assert end_of(program, job["id"])["status"] == "succeeded"
    end_of(ada.program, job["id"])  # the account's, whoever asked for it
    read = grace.browser.send("GET", "/v1/billing/balance", headers=within(account))
    assert code_of(read) == (403, "forbidden")
    named = ada.browser.call("GET", "/v1/billing/lines", headers=within(account))["data"]
    assert job["id"] in str(named)

    heir = user_of(grace)
    ada.browser.call("POST", f"/v1/auth/members/{heir}/ownership", headers=within(account))
    time.sleep(CACHE_S)
    ada.browser.call("POST", "/v1/auth/members/leave", headers=within(account))
    time.sleep(CACHE_S)
    gone = ada.browser.send("GET", "/v1/auth/members", headers=within(account))
    assert code_of(gone) == (404, "not_found")
    [left] = grace.browser.call("GET", "/v1/auth/members", headers=within(account))["data"]
    assert (left["user"], left["role"]) == (heir, "owner")
    until(lambda: "own an organization" in "".join(mails_to(product, grace.email)), "the notice")


def test_members_are_removed_invitations_withdrawn_and_all_of_it_secured(
    product: Product,
) -> None:
    ada, grace = product.newcomer(), product.newcomer()
    account = make(ada)
    take_in(product, ada, account, grace, "admin")
    body = {"email": "somebody@example.com", "role": "viewer"}
    invitation = ada.browser.call("POST", "/v1/auth/invitations", body, within(account))["id"]
    ada.browser.call("DELETE", f"/v1/auth/invitations/{invitation}", headers=within(account))
    ada.browser.call("POST", "/v1/auth/invitations", body, within(account))
    key = grace.browser.call("POST", "/v1/auth/keys", {"name": "ci"}, within(account))["secret"]

    ended = grace.browser.call("POST", "/v1/auth/account/secure", headers=within(account))

    assert ended == {"keys_ended": 1}
    until(lambda: not product.client(key).is_welcome(), "the end of the key", CACHE_S + 2)
    refused = ada.browser.send("GET", "/v1/auth/members", headers=within(account))
    assert code_of(refused) == (403, "step_up_required")
    stepped = ada.browser.send("POST", "/v1/auth/step-up", {"password": ada.password})
    fresh = Client(product.url)
    fresh.sign_in(ada.email, ada.password)
    assert stepped.is_success
    fresh.call("DELETE", f"/v1/auth/members/{user_of(grace)}", headers=within(account))
    assert len(fresh.call("GET", "/v1/auth/members", headers=within(account))["data"]) == 1


def test_a_leaked_key_ends_and_its_owner_is_told(product: Product) -> None:
    owner = product.newcomer()

    product.client().call("POST", "/v1/auth/leaked-keys", {"keys": [owner.key]})

    until(lambda: not owner.program.is_welcome(), "the end of the key", CACHE_S + 2)
    until(lambda: "leaked" in "".join(mails_to(product, owner.email)), "the notice")


def test_documents_are_read_accepted_again_and_the_keys_told(product: Product) -> None:
    owner = product.newcomer()
    listed = owner.browser.call("GET", "/v1/auth/documents")["data"]
    text = owner.browser.send("GET", "/v1/auth/documents/terms").text
    assert f"Policy date: {listed[0]['version']}" in text

    owner.browser.call("POST", "/v1/auth/documents/accept", owner.browser.current_documents())

    accepted = owner.browser.call("GET", "/v1/auth/documents/accepted")["data"]
    assert len(accepted) == len(listed)
    until(lambda: "accepted the current" in "".join(mails_to(product, owner.email)), "the notice")
    assert owner.program.is_welcome()


def test_a_key_s_budget_refuses_what_goes_beyond_it(product: Product) -> None:
    owner = product.newcomer()
    budget = {"usd": "0.000000001", "period": "month"}
    made = owner.browser.call("POST", "/v1/auth/keys", {"name": "poor", "budget": budget})
    poor = product.client(made["secret"])

    refused = submit(poor, "smollm2-135m", chat("Say hello."))

    assert code_of(refused) == (402, "budget_exhausted")
    more = {"budget": {"usd": "1", "period": "month"}}
    owner.browser.call("PATCH", f"/v1/auth/keys/{made['id']}", more)
    time.sleep(CACHE_S)
    job = submit(poor, "smollm2-135m", chat("Say hello.")).json()
    assert end_of(poor, job["id"])["status"] == "succeeded"


def test_an_operator_suspends_an_account_and_restores_it(product: Product) -> None:
    owner = product.newcomer()
    account = owner.browser.call("GET", "/v1/auth/whoami")["account"]

    def sluicectl(action: str) -> None:
        command = [sys.executable, "-m", "ops", "accounts", action, account]
        subprocess.run(
            [*command, "--stage", STAGE.name, "--reason", "case 12"],
            cwd=ROOT,
            env=own_environment()
            | credentials(product.home, product.ports)
            | {"PYTHONPATH": python_path()},
            check=True,
            timeout=120,
        )

    sluicectl("suspend")
    time.sleep(CACHE_S)
    refused = submit(owner.program, "smollm2-135m", chat("Say hello."))
    assert code_of(refused) == (403, "account_suspended")
    shown = owner.browser.call("GET", "/v1/auth/account")["suspended"]
    assert shown["reason"] == "case 12"
    until(lambda: "is suspended" in "".join(mails_to(product, owner.email)), "the notice")
    sluicectl("restore")
    time.sleep(CACHE_S)
    assert submit(owner.program, "smollm2-135m", chat("Say hello.")).status_code == 202
