"""API keys: whose they are, how many, shown once, gone when revoked."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.auth.keys import revocation, service, store
from functions.auth.keys.service import Wanted
from sluice.caller import Caller
from sluice.clock import iso
from sluice.errors import Conflict
from sluice.permissions import of_role
from sluice.principal import Principal, forget_cached, is_well_formed_key
from sluice.table import Table
from tests.auth.conftest import Person
from tests.replaced import ManualClock
from tests.stage import Stage

HERE = Caller("203.0.113.7", "req_test")
ROUTES = [("POST", "/keys"), ("GET", "/keys"), ("DELETE", "/keys/key_x")]


def owner_of(account: str, emulator: Stage) -> Principal:
    """With a session that is open."""
    table = Table(emulator.table("accounts"))
    table.put({"pk": "USER#usr_1", "sk": "SESSION#ses_1", "id": "ses_1"}).send()
    return Principal(account, "usr_1", "ses_1", False, of_role("owner"), 0)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_session_there_are_no_keys(ada: Person, method: str, path: str) -> None:
    body = {"name": "laptop"} if method == "POST" else None

    answer = ada.send(method, path, body=body)

    assert (answer.status, answer.json["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_somebody_elses_key_is_unknown_and_stays(user: Person, stranger: Person) -> None:
    key = user.create_key().json

    answer = stranger.send("DELETE", f"/keys/{key['id']}")

    nobodys = stranger.send("DELETE", "/keys/key_of_nobody")
    assert answer.status == nobodys.status == 404
    assert answer.json["detail"] == nobodys.json["detail"]
    assert Person().send("GET", "/whoami", bearer=key["secret"]).status == 200
    assert stranger.send("GET", "/keys").json["data"] == []


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_key_cannot_manage_keys(user: Person, method: str, path: str) -> None:
    key = user.create_key().json["secret"]
    body = {"name": "another"} if method == "POST" else None

    answer = Person().send(method, path, body=body, bearer=key)

    assert (answer.status, answer.json["code"]) == (403, "forbidden")


def test_a_key_is_shown_once_and_never_stored(user: Person, aws: Stage) -> None:
    created = user.create_key().json

    [listed] = user.send("GET", "/keys").json["data"]

    assert is_well_formed_key(created["secret"])
    assert listed == {name: value for name, value in created.items() if name != "secret"}
    assert created["secret"].startswith(listed["prefix"])
    assert created["secret"] not in str(aws.scan("accounts"))


def test_a_revoked_key_is_refused_and_unlisted_and_makes_room(user: Person, aws: Stage) -> None:
    key = user.create_key().json
    Person().send("GET", "/whoami", bearer=key["secret"])

    answer = user.send("DELETE", f"/keys/{key['id']}")

    assert answer.status == 204
    assert Person().send("GET", "/whoami", bearer=key["secret"]).status == 401
    assert user.send("GET", "/keys").json["data"] == []
    items = aws.scan("accounts")
    assert [i["keys"] for i in items if i["sk"] == "ACCOUNT"] == [0]
    both = [i for i in items if i["pk"].startswith("KEY#") or i["sk"].startswith("KEY#")]
    assert [(i["state"], "ttl" in i) for i in both] == [("revoked", True)] * 2


def test_revoking_twice_counts_once(user: Person, aws: Stage) -> None:
    key = user.create_key().json["id"]
    user.create_key()
    user.send("DELETE", f"/keys/{key}")

    again = user.send("DELETE", f"/keys/{key}")

    assert again.status == 404
    assert [i["keys"] for i in aws.scan("accounts") if i["sk"] == "ACCOUNT"] == [1]


def test_elsewhere_a_revoked_key_works_for_three_seconds_at_most(
    user: Person, clock: ManualClock
) -> None:
    user.sign_in()
    key = user.create_key().json
    bearer = key["secret"]
    whoami = Person().send("GET", "/whoami", bearer=bearer).json
    listing = store.find(whoami["account"], key["id"])
    assert listing
    for write in revocation.revoke(listing):  # as another process would: this one's cache stays
        write.send()

    clock.advance(2.9)
    within = Person().send("GET", "/whoami", bearer=bearer).status
    clock.advance(0.2)
    after = Person().send("GET", "/whoami", bearer=bearer).status

    assert (within, after) == (200, 401)


def test_a_key_ends_when_it_says(user: Person, clock: ManualClock) -> None:
    user.sign_in()
    expires_at = iso(clock.now_ms() + 60_000)
    key = user.create_key({"name": "short", "expires_at": expires_at}).json

    clock.advance(60)
    forget_cached()

    assert key["expires_at"] == expires_at
    assert Person().send("GET", "/whoami", bearer=key["secret"]).status == 401
    assert user.send("GET", "/keys").json["data"][0]["state"] == "expired"


WISHES_THAT_DO_NOT_FIT: list[dict[str, Any]] = [
    {},
    {"name": ""},
    {"name": "x" * 101},
    {"name": "two\nlines"},
    {"name": "laptop", "expires_at": "2020-01-01T00:00:00Z"},
    {"name": "laptop", "expires_at": "2999-01-01T00:00:00Z"},
    {"name": "laptop", "expires_at": "2027-01-01T00:00:00"},
    {"name": "laptop", "scopes": ["account"]},
    {"name": "laptop", "account": "acc_of_somebody_else"},
]


def test_a_wish_that_does_not_fit_makes_no_key(user: Person) -> None:
    answers = [user.create_key(wish) for wish in WISHES_THAT_DO_NOT_FIT]

    told = [(answer.status, answer.json.get("code")) for answer in answers]
    assert told == [(422, "invalid_input")] * len(WISHES_THAT_DO_NOT_FIT)
    assert user.send("GET", "/keys").json["data"] == []


def test_the_same_request_again_gives_the_same_key_without_its_secret(user: Person) -> None:
    once = {"idempotency-key": "a-key-for-my-laptop"}
    first = user.create_key(headers=once)

    again = user.create_key(headers=once)

    assert again.status == 201
    assert again.json == {**first.json, "secret": None}
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert len(user.send("GET", "/keys").json["data"]) == 1


def test_another_request_under_the_same_idempotency_key_is_refused(user: Person) -> None:
    once = {"idempotency-key": "a-key-for-my-laptop"}
    user.create_key(headers=once)

    answer = user.create_key({"name": "phone"}, headers=once)

    assert (answer.status, answer.json["code"]) == (422, "idempotency_mismatch")


def test_two_accounts_may_use_the_same_idempotency_key(user: Person, stranger: Person) -> None:
    once = {"idempotency-key": "1"}

    keys = [person.create_key(headers=once).json for person in (user, stranger)]

    assert keys[0]["id"] != keys[1]["id"]
    assert keys[1]["secret"]


def test_a_replay_after_revocation_says_so_and_makes_no_new_key(user: Person) -> None:
    once = {"idempotency-key": "1"}
    key = user.create_key(headers=once).json["id"]
    user.send("DELETE", f"/keys/{key}")

    again = user.create_key(headers=once).json

    assert (again["id"], again["state"], again["secret"]) == (key, "revoked", None)


def test_pages_together_list_every_key_once(user: Person) -> None:
    made = {user.create_key({"name": str(number)}).json["id"] for number in range(5)}

    listed, cursor = [], None
    for _ in range(10):
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = user.send("GET", "/keys", query=query).json
        listed += [key["id"] for key in page["data"]]
        cursor = page["cursor"]
        if cursor is None:
            break

    assert sorted(listed) == sorted(made)


def test_a_cursor_leads_to_no_other_accounts_keys(user: Person, stranger: Person) -> None:
    for _ in range(2):
        user.create_key()
    cursor = user.send("GET", "/keys", query={"limit": "1"}).json["cursor"]

    answer = stranger.send("GET", "/keys", query={"limit": "1", "cursor": cursor})

    assert answer.status in {200, 422}
    assert answer.json.get("data", []) == []


def test_a_hundred_and_first_key_is_refused(user: Person, aws: Stage) -> None:
    account = user.send("GET", "/whoami").json["account"]
    Table(aws.table("accounts")).update(
        f"ACCOUNT#{account}", "ACCOUNT", set_={"keys": store.MAX_KEYS - 1}
    ).send()

    answers = [user.create_key() for _ in range(2)]

    assert answers[0].status == 201
    assert (answers[1].status, answers[1].json["code"]) == (409, "too_many_keys")


def test_of_eight_writers_for_two_places_two_get_one(emulator: Stage) -> None:
    table = Table(emulator.table("accounts"))
    table.put(
        {"pk": "ACCOUNT#acc_1", "sk": "ACCOUNT", "epoch": 0, "keys": store.MAX_KEYS - 2}
    ).send()

    owner = owner_of("acc_1", emulator)

    def create(number: int) -> bool:
        try:
            service.create(owner, Wanted(f"key {number}"), None, HERE)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(create, range(8)))

    assert sum(made) == 2
    account = table.find("ACCOUNT#acc_1", "ACCOUNT")
    assert account
    assert account["keys"] == store.MAX_KEYS


def test_of_eight_equal_requests_one_gets_the_secret(emulator: Stage) -> None:
    table = Table(emulator.table("accounts"))
    table.put({"pk": "ACCOUNT#acc_1", "sk": "ACCOUNT", "epoch": 0, "keys": 0}).send()

    owner = owner_of("acc_1", emulator)

    def create(number: int) -> str | None:
        return service.create(owner, Wanted("laptop"), "the same", HERE).secret

    with ThreadPoolExecutor(8) as pool:
        secrets = list(pool.map(create, range(8)))

    assert sum(secret is not None for secret in secrets) == 1


def test_a_session_from_before_the_account_was_secured_makes_no_key(
    user: Person, aws: Stage
) -> None:
    account = user.send("GET", "/whoami").json["account"]
    Table(aws.table("accounts")).update(f"ACCOUNT#{account}", "ACCOUNT", add={"epoch": 1}).send()

    assert user.create_key().status == 401
