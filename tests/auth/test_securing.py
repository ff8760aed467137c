"""“My account is compromised”: nothing that acted for it before acts for it after."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from functions.auth import followups
from functions.auth.keys import revocation
from functions.auth.keys.service import Wanted, create
from functions.auth.securing.service import secure as secure_now
from functions.auth.sessions.freshness import FRESH_MS
from functions.auth.sessions.service import sign_in
from functions.billing import events as billing
from sluice import aws as product_aws
from sluice import ledger
from sluice.caller import Caller
from sluice.errors import SluiceError, Unauthenticated
from sluice.principal import Principal, find_principal
from sluice.table import Table, Transaction
from tests import events
from tests.auth.conftest import PASSWORD, Person
from tests.auth.seeds import EMAIL, HERE, verified
from tests.auth.test_emails import move
from tests.auth.test_followups import records
from tests.auth.test_passwords import NEW, ask, code_for, confirm
from tests.auth.test_sessions import elsewhere, everything_of, is_in
from tests.replaced import ManualClock
from tests.seeds import give_credit
from tests.sluice.test_races import together
from tests.stage import Stage


def secure(person: Person, **parts: Any) -> Any:
    return person.send("POST", "/compromised", **parts)


def works(key: str) -> bool:
    return Person().send("GET", "/whoami", bearer=key).status == 200


def live_keys(stage: Stage) -> list[dict[str, Any]]:
    return [i for i in stage.scan("accounts") if i["sk"] == "KEY" and i["state"] == "active"]


def test_nobody_is_secured_without_a_session(ada: Person) -> None:
    assert secure(ada).status == 401


def test_a_key_cannot_secure_the_account(user: Person) -> None:
    assert secure(Person(), bearer=user.create_key().json["secret"]).status == 403


def test_a_session_that_was_left_open_cannot_either(user: Person, clock: ManualClock) -> None:
    user.sign_in()
    clock.advance(FRESH_MS / 1000)

    assert secure(user).json["code"] == "step_up_required"


def test_every_session_every_key_and_the_password_end(
    user: Person, stranger: Person, aws: Stage
) -> None:
    other = elsewhere(user)
    keys = [user.create_key({"name": str(number)}).json["secret"] for number in range(3)]
    strangers = stranger.create_key().json["secret"]

    answer = secure(user)

    assert answer.status == 200
    assert (answer.json["sessions_ended"], answer.json["keys_ended"]) == (2, 3)
    assert user.cookies["sluice_session"] == ""
    assert not any(works(key) for key in keys)
    assert (is_in(other), user.sign_in().status) == (False, 401)
    assert (works(strangers), is_in(stranger)) == (True, True)


def test_the_owner_comes_back_by_mail_and_makes_new_keys(user: Person, aws: Stage) -> None:
    user.create_key()
    secure(user)
    [event] = [item for item in aws.scan("accounts") if item.get("type") == "account.secured"]

    ask(user)
    confirm(user, code_for(user.email))
    user.sign_in(NEW)
    key = user.create_key().json["secret"]
    followups.handler(records(aws), events.Context())  # late, and for the second time

    assert event["data"]["epoch"] == 1
    assert works(key)
    [account] = [item for item in aws.scan("accounts") if item["sk"] == "ACCOUNT"]
    assert (account["epoch"], account["keys"]) == (1, 1)


def test_codes_that_were_sent_before_are_worth_nothing(user: Person) -> None:
    ask(user)
    code = code_for(user.email)
    move(user, "mallory@example.org")

    secure(user)

    assert confirm(user, code, "a thief's own choice").status == 422
    late = user.send("POST", "/email/confirm", body={"code": code_for("mallory@example.org")})
    assert late.status == 401


def test_a_process_that_still_knows_a_key_takes_it_for_three_seconds_at_most(
    user: Person, clock: ManualClock
) -> None:
    user.sign_in()
    key = user.create_key().json["secret"]
    assert works(key)
    account = user.send("GET", "/whoami").json["account"]

    revocation.end_all(account, 1, "usr_1", HERE)  # elsewhere: this process forgets nothing
    clock.advance(2.9)
    within = works(key)
    clock.advance(0.2)

    assert (within, works(key)) == (True, False)


def test_no_further_hold_commits_with_what_there_was_before(user: Person, aws: Stage) -> None:
    key = find_principal("KEY", user.create_key().json["secret"])
    assert key
    give_credit(aws, key.account, granted_nanos=500, bought_nanos=500)
    assert hold(aws, key, "job_1")
    secure(user)
    [event] = [item for item in aws.scan("accounts") if item.get("type") == "account.secured"]

    body = json.dumps({name: event[name] for name in ("id", "type", "at_ms", "data")})
    answer = billing.handler(events.sqs("billing-events", body), events.Context())

    assert answer == {"batchItemFailures": []}
    with pytest.raises(Unauthenticated):
        hold(aws, key, "job_2")


def hold(stage: Stage, key: Principal, job: str) -> bool:
    table = Table(stage.table("ledger"))
    legs = ledger.plan(ledger.read(table, key.account), 300)
    price = {"model": "m", "version": 1}
    writes = ledger.hold(
        table, legs, account=key.account, job=job, epoch=key.epoch, deadline_ms=0, price=price
    )
    Transaction().add(*writes).commit()
    return True


class Died(BaseException):
    """The process ended here."""


@pytest.fixture
def mortal(aws: Stage) -> Iterator[dict[str, int]]:
    """Counts this process's calls of the tables, and dies before the one that `at` says."""
    calls = {"made": 0, "at": -1}

    def count(**_: Any) -> None:
        if calls["made"] == calls["at"]:
            raise Died
        calls["made"] += 1

    product_aws.client("dynamodb").meta.events.register("before-call", count)
    yield calls
    product_aws.client("dynamodb").meta.events.unregister("before-call", count)


@pytest.mark.prove
def test_wherever_the_process_dies_either_nothing_or_everything_ends(
    aws: Stage, mortal: dict[str, int]
) -> None:
    undisturbed = _secured(aws, mortal, "ada@example.com", at=-1)
    assert undisturbed == 9

    outcomes = [_secured(aws, mortal, f"{at}@example.com", at=at) for at in range(undisturbed)]

    assert {0, 1} == {min(outcome, 1) for outcome in outcomes}


def _secured(aws: Stage, mortal: dict[str, int], email: str, at: int) -> int:
    """Gives how many calls were made, and 0 when it died before anything had changed."""
    owner = _owner(email)
    keys = _make_keys(aws, owner, revocation.BATCH + 1)
    mortal |= {"made": 0, "at": at}
    with suppress(Died):
        secure_now(owner, HERE)
    made = mortal["made"]
    mortal["at"] = -1
    followups.handler(records(aws), events.Context())
    [account] = [
        item
        for item in aws.scan("accounts")
        if (item["pk"], item["sk"]) == (f"ACCOUNT#{owner.account}", "ACCOUNT")
    ]
    live = [item for item in live_keys(aws) if item["account"] == owner.account]
    if account["epoch"] == 0:
        assert (len(live), account["keys"]) == (keys, keys)
        return 0
    assert (live, account["keys"]) == ([], 0)
    return made


def _owner(email: str) -> Principal:
    verified(email)
    found = find_principal("SESSION", sign_in(email, PASSWORD, None, HERE).token)
    assert found
    return found


def _make_keys(aws: Stage, owner: Principal, count: int) -> int:
    for number in range(count):
        create(owner, Wanted(str(number)), None, HERE)
    return count


def test_whatever_happens_at_the_same_time_nothing_from_before_lives(emulator: Stage) -> None:
    owner = _owner(EMAIL)
    elsewhere = [Caller(f"192.0.2.{number}", "req_test") for number in range(8)]

    def act(number: int) -> None:
        try:
            if number == 0:
                secure_now(owner, HERE)
            elif number % 2:
                create(owner, Wanted(str(number)), None, HERE)
            else:
                sign_in(EMAIL, PASSWORD, None, elsewhere[number])
        except SluiceError:
            return

    together(8, act)

    assert (live_keys(emulator), everything_of(emulator)) == ([], [])
    [account] = [item for item in emulator.scan("accounts") if item["sk"] == "ACCOUNT"]
    assert (account["epoch"], account["keys"]) == (1, 0)


def test_two_who_secure_at_once_both_get_through(emulator: Stage) -> None:
    owner = _owner(EMAIL)

    together(2, lambda _: secure_now(owner, HERE))

    [account] = [item for item in emulator.scan("accounts") if item["sk"] == "ACCOUNT"]
    assert account["epoch"] == 2
