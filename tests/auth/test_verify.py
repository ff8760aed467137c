"""Proving a mailbox: one code, once, soon, and for the sign-up it was made for."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.auth.users import mailbox, service
from functions.auth.users.store import SignUp, list_sign_ups, pend
from sluice.caller import Caller
from sluice.errors import InvalidInput
from tests.auth.conftest import Person, become_user, mails_to
from tests.replaced import ManualClock
from tests.stage import Stage

HERE = Caller("203.0.113.7", "req_test")


def items(aws: Stage, kind: str) -> list[dict[str, Any]]:
    return [item for item in aws.scan("accounts") if item["pk"].startswith(f"{kind}#")]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08d}"


def test_the_code_makes_user_account_acceptances_audit_and_the_event_at_once(
    ada: Person, aws: Stage, clock: ManualClock
) -> None:
    ada.sign_up()
    signed_up_ms = clock.now_ms()
    clock.advance(60)

    verified = ada.verify()

    assert verified.status == 200
    user, account = verified.json["user"], verified.json["account"]
    [event] = items(aws, "EVENT")
    assert event["type"] == "user.verified"
    assert (event["data"]["user"], event["data"]["account"]) == (user, account)
    accepted = [item for item in items(aws, "USER") if str(item["sk"]).startswith("ACCEPT#")]
    facts = ("user", "version", "accepted_ms", "address")
    assert {item["document"]: [item[fact] for fact in facts] for item in accepted} == {
        "terms": [user, "2026-11-01", signed_up_ms, "203.0.113.7"],
        "privacy": [user, "2026-11-01", signed_up_ms, "203.0.113.7"],
    }
    [entry] = items(aws, "AUDIT")
    assert (entry["pk"], entry["actor"], entry["action"]) == (
        f"AUDIT#{account}",
        user,
        "user.verified",
    )
    assert items(aws, "SIGNUP") == []


def test_a_code_works_once(ada: Person) -> None:
    ada.sign_up()
    code = ada.code()
    ada.verify(code)

    again = ada.verify(code)

    assert (again.status, again.json["code"]) == (422, "invalid_code")


def test_two_verifications_planned_from_one_read_make_one_user(ada: Person, aws: Stage) -> None:
    ada.sign_up()
    login = mailbox.login_of(ada.email)
    [first], [second] = list_sign_ups(login, None), list_sign_ups(login, None)

    service.redeem(first, HERE)
    with pytest.raises(InvalidInput):
        service.redeem(second, HERE)

    assert len(items(aws, "ACCOUNT")) == 1
    assert len(items(aws, "EVENT")) == 1


def test_a_code_that_was_replaced_while_it_was_checked_is_refused(ada: Person) -> None:
    ada.sign_up()
    [checked] = list_sign_ups(mailbox.login_of(ada.email), None)
    ada.send("POST", "/verify/resend", body={"email": ada.email})

    with pytest.raises(InvalidInput):
        service.redeem(checked, HERE)


def test_of_eight_verifications_of_two_sign_ups_one_makes_the_user(emulator: Stage) -> None:
    sign_ups = [
        SignUp(
            id=f"sup_{number}",
            login="a login",
            email="ada@example.com",
            password_hash="",
            accepted={"terms": "2026-11-01"},
            address="203.0.113.7",
            browser="",
            code=str(number),
            code_expires_ms=0,
            created_ms=0,
        )
        for number in range(2)
    ]
    for sign_up in sign_ups:
        pend(sign_up).send()

    def redeem(number: int) -> bool:
        try:
            service.redeem(sign_ups[number % 2], HERE)
        except InvalidInput:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(redeem, range(8)))

    assert sum(made) == 1
    assert len(items(emulator, "ACCOUNT")) == 1
    assert len(items(emulator, "EVENT")) == 1


def test_a_code_ends_after_ten_minutes(ada: Person, clock: ManualClock) -> None:
    ada.sign_up()
    code = ada.code()
    clock.advance(600)

    assert ada.verify(code).status == 422


def test_a_code_ends_after_five_attempts(ada: Person) -> None:
    ada.sign_up()
    code = ada.code()
    for _ in range(5):
        ada.verify(wrong(code))

    assert ada.verify(code).status == 422


def test_the_fifth_attempt_still_counts(ada: Person) -> None:
    ada.sign_up()
    code = ada.code()
    for _ in range(4):
        ada.verify(wrong(code))

    assert ada.verify(code).status == 200


def test_an_address_that_never_signed_up_is_refused_like_a_wrong_code(ada: Person) -> None:
    ada.sign_up()

    known, unknown = ada.verify(wrong(ada.code())), Person("bob@example.com").verify("12345678")

    told = [{**answer.json, "request_id": ""} for answer in (known, unknown)]
    assert told[0] == told[1]


def test_two_sign_ups_stand_beside_one_another_and_the_proven_ones_password_counts(
    ada: Person,
) -> None:
    ada.sign_up()
    mine = ada.code()
    attacker = Person(ada.email, "the attacker's password", "198.51.100.9")
    attacker.sign_up()

    assert ada.verify(mine).status == 200

    assert ada.sign_in().status == 200
    assert attacker.sign_in().status != 200


def test_the_code_of_somebody_elses_sign_up_does_not_pass_in_this_browser(ada: Person) -> None:
    ada.sign_up()
    attacker = Person(ada.email, "the attacker's password", "198.51.100.9")
    attacker.sign_up()
    newest = ada.code()

    answer = ada.verify(newest)

    assert (answer.status, answer.json["code"]) == (422, "invalid_code")


def test_after_one_sign_up_is_proven_the_others_are_worthless(ada: Person, aws: Stage) -> None:
    ada.sign_up()
    other = Person(ada.email, "another password", "198.51.100.9")
    mine = ada.code()
    other.sign_up()
    others = other.code()
    ada.verify(mine)

    assert other.verify(others).status == 422

    assert len(items(aws, "ACCOUNT")) == 1


def test_resend_brings_a_new_code_and_ends_the_old(ada: Person, clock: ManualClock) -> None:
    ada.sign_up()
    old = ada.code()

    answer = ada.send("POST", "/verify/resend", body={"email": ada.email})

    assert answer.status == 202
    assert ada.verify(old).status == 422
    assert ada.verify().status == 200


def test_resend_answers_alike_for_everybody_and_writes_to_nobody_unknown(ada: Person) -> None:
    ada.sign_up()

    known = ada.send("POST", "/verify/resend", body={"email": ada.email})
    unknown = ada.send("POST", "/verify/resend", body={"email": "bob@example.com"})

    assert (known.status, known.content) == (unknown.status, unknown.content)
    assert mails_to("bob@example.com") == []


def test_resend_is_limited_to_once_a_minute_and_five_times_an_hour(
    ada: Person, clock: ManualClock
) -> None:
    ada.sign_up()
    statuses = []
    for _ in range(6):
        statuses.append(ada.send("POST", "/verify/resend", body={"email": ada.email}).status)
        clock.advance(60)
    soon = [
        Person("bob@example.com").send("POST", "/verify/resend", body={"email": "bob@example.com"})
        for _ in range(2)
    ]

    assert statuses == [202] * 5 + [429]
    assert [answer.status for answer in soon] == [202, 429]


def test_resend_tells_the_owner_of_an_account_and_never_sends_a_code(ada: Person) -> None:
    become_user(ada)
    Person(ada.email, "an attacker's choice").sign_up()

    Person(ada.email).send("POST", "/verify/resend", body={"email": ada.email})

    assert "already has an account" in mails_to(ada.email)[-1]


def test_what_is_no_code_is_refused_before_it_counts(ada: Person) -> None:
    ada.sign_up()
    codes = ["1234567", "123456789", "abcdefgh", "１２３４５６７８", "", "-1234567"]

    answers = [
        ada.send("POST", "/verify", body={"email": ada.email, "code": code}) for code in codes
    ]

    assert {(answer.status, answer.json["code"]) for answer in answers} == {(422, "invalid_input")}
    assert ada.verify().status == 200


def test_spellings_of_one_mailbox_are_two_logins_and_one_person(ada: Person, aws: Stage) -> None:
    for email in ("ada@example.com", "ada+two@example.com"):
        become_user(Person(email))

    people = {event["data"]["person"] for event in items(aws, "EVENT")}
    assert len(items(aws, "ACCOUNT")) == 2
    assert len(people) == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ada@example.com", "ada+two@example.com", True),
        ("a.d.a+x@gmail.com", "ada@googlemail.com", True),
        ("a.da@example.com", "ada@example.com", False),
        ("ada@example.com", "ada@example.org", False),
        ("+ada@example.com", "+bob@example.com", False),
    ],
)
def test_only_what_surely_is_one_mailbox_counts_as_one_person(
    aws: Stage, one: str, other: str, same: bool
) -> None:
    assert (mailbox.person_of(one) == mailbox.person_of(other)) is same


def test_a_login_is_the_same_in_capitals(ada: Person, aws: Stage) -> None:
    become_user(ada)

    loud = Person("ADA@Example.COM")

    assert loud.sign_in().status == 200
    loud.sign_up()
    assert len(items(aws, "ACCOUNT")) == 1
