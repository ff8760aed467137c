"""Signing up: what we take, what we keep, and what an attacker learns, which is nothing."""

import json
from typing import Any

import pytest

from sluice import aws
from tests.auth.conftest import PASSWORD, Person, become_user, mails_to
from tests.replaced import ManualClock, forget_everything
from tests.stage import Stage


@pytest.fixture
def calls(ada: Person) -> list[str]:
    """The operations that product code asks of AWS, in order."""
    made: list[str] = []
    for client in (aws.client("dynamodb"), aws.client("sesv2")):
        client.meta.events.register("before-call", lambda model, **_: made.append(model.name))
    return made


def code_of(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status, answer.json["code"]


def test_a_sign_up_mails_a_code(ada: Person) -> None:
    answer = ada.sign_up()

    assert answer.status == 201
    assert answer.json["status"] == "verification_sent"
    assert len(ada.code()) == 8


def test_a_known_address_is_answered_like_an_unknown_one_by_the_same_work(
    ada: Person, calls: list[str]
) -> None:
    become_user(ada)
    calls.clear()

    known = Person(ada.email).sign_up()
    work_for_known = list(calls)
    calls.clear()
    unknown = Person("bob@example.com").sign_up()

    assert (known.status, known.content) == (unknown.status, unknown.content)
    assert set(known.headers) == set(unknown.headers)
    assert [c.split("=")[0] for c in known.cookies] == [c.split("=")[0] for c in unknown.cookies]
    assert work_for_known == calls


def test_the_owner_of_a_known_address_is_told_and_gets_no_code(ada: Person) -> None:
    become_user(ada)

    Person(ada.email, "an attacker's choice").sign_up()

    assert "already has an account" in mails_to(ada.email)[-1]
    assert ada.sign_in().status == 200
    assert ada.sign_in("an attacker's choice").status != 200


UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"password": "7 chars"}, "/body/password"),
    ({"password": "x" * 257}, "/body/password"),
    ({"attestation": {"age_or_authority": False}}, "/body/attestation/age_or_authority"),
    ({"attestation": None}, "/body/attestation"),
    ({"accept": {"terms": "2026-11-01"}}, "/body/accept/privacy"),
    ({"accept": {"terms": "yes, all of it", "privacy": "2026-11-01"}}, "/body/accept/terms"),
    ({"email": None}, "/body/email"),
    ({"state": "active"}, "/body/state"),
]


def test_what_is_missing_or_too_much_is_named(ada: Person) -> None:
    answers = [ada.sign_up(**change) for change, _ in UNFIT]

    assert [code_of(answer) for answer in answers] == [(422, "invalid_input")] * len(UNFIT)
    named = [[error["pointer"] for error in answer.json["errors"]] for answer in answers]
    assert all(pointer in each for each, (_, pointer) in zip(named, UNFIT, strict=True)), named
    assert mails_to(ada.email) == []


def test_a_refusal_does_not_repeat_the_password(ada: Person) -> None:
    answer = ada.sign_up(password="hunter2")

    assert answer.status == 422
    assert b"hunter2" not in answer.content


def test_an_address_that_nobody_can_write_to_is_refused(ada: Person) -> None:
    assert code_of(ada.sign_up(email="ada@localhost")) == (422, "invalid_email")


def test_a_password_that_guessers_try_first_is_refused(ada: Person) -> None:
    assert code_of(ada.sign_up(password="password1")) == (422, "weak_password")


def test_a_password_of_256_characters_is_taken_and_not_cut(ada: Person) -> None:
    ada.password = "x7" * 128

    become_user(ada)

    assert ada.sign_in(ada.password[:-1] + "?").status == 401


def test_a_password_is_the_same_however_the_keyboard_composes_it(ada: Person) -> None:
    ada.password = "caf\u00e9 caf\u00e9"

    become_user(ada)

    assert ada.sign_in("cafe\u0301 cafe\u0301").status == 200


def test_half_a_character_is_refused(ada: Person) -> None:
    raw = json.dumps(ada.registration()).replace(PASSWORD, "seven quiet \\ud800").encode()

    assert code_of(ada.send("POST", "/sign-up", raw=raw)) == (400, "invalid_json")


def test_an_old_version_of_a_document_is_refused_with_the_current_one(ada: Person) -> None:
    answer = ada.sign_up(accept={"terms": "2020-01-01", "privacy": "2026-11-01"})

    assert code_of(answer) == (422, "document_not_current")
    assert answer.json["errors"] == [
        {"pointer": "/body/accept/terms", "message": "The current version is 2026-11-01."}
    ]


def test_the_documents_route_names_what_sign_up_accepts(ada: Person) -> None:
    documents = ada.send("GET", "/documents").json["data"]

    accept = {each["document"]: each["version"] for each in documents}
    assert ada.sign_up(accept=accept).status == 201


def test_one_mailbox_is_written_to_five_times_an_hour_from_one_network(
    ada: Person, clock: ManualClock
) -> None:
    answers = [ada.sign_up() for _ in range(6)]

    assert [answer.status for answer in answers] == [201] * 5 + [429]
    assert int(answers[5].headers["retry-after"]) > 0
    assert len(mails_to(ada.email)) == 5
    elsewhere = Person(ada.email, address="192.0.2.44")
    assert elsewhere.sign_up().status == 201


def test_the_limit_of_an_ipv6_network_counts_its_addresses_together(ada: Person) -> None:
    neighbours = [Person(ada.email, address=f"2001:db8:1:2::{n}") for n in range(1, 7)]

    statuses = [neighbour.sign_up().status for neighbour in neighbours]

    assert statuses == [201] * 5 + [429]


def test_behind_an_edge_the_client_is_whom_the_edge_names(
    ada: Person, aws: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {"x-viewer-address": "192.0.2.44"}
    ada.send("POST", "/sign-up", body=ada.registration(), headers=named)
    monkeypatch.setenv("VIEWER_ADDRESS_HEADER", "x-viewer-address")
    forget_everything()
    ada.send("POST", "/sign-up", body=ada.registration(), headers=named)

    kept = [item for item in aws.scan("accounts") if item["pk"].startswith("SIGNUP#")]
    assert {item["address"] for item in kept} == {"203.0.113.7", "192.0.2.44"}


def test_before_the_mailbox_is_proven_there_is_no_user_and_what_is_kept_ends(
    ada: Person, aws: Stage, clock: ManualClock
) -> None:
    ada.sign_up()

    kept = [item for item in aws.scan("accounts") if not item["pk"].startswith("RATE#")]
    assert [item["pk"].split("#")[0] for item in kept] == ["SIGNUP"]
    assert kept[0]["ttl"] == clock.now_ms() // 1000 + 24 * 3600


def test_neither_password_nor_code_nor_address_of_a_login_can_be_read_from_the_keys(
    ada: Person, aws: Stage
) -> None:
    ada.sign_up()
    code = ada.code()
    ada.verify(code)

    everything = json.dumps(aws.scan("accounts"))

    assert PASSWORD not in everything
    assert code not in everything
    assert not any(ada.email in item["pk"] + item["sk"] for item in aws.scan("accounts"))


def test_another_sites_page_cannot_sign_up(ada: Person) -> None:
    answer = ada.send(
        "POST",
        "/sign-up",
        body=ada.registration(),
        headers={"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    )

    assert code_of(answer) == (403, "foreign_origin")
