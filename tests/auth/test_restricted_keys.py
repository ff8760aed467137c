"""What a key may do stands in the key, and is asked for on every request."""

from dataclasses import replace
from typing import Any

import pytest

from functions.auth.keys import service
from functions.auth.keys.service import Wanted
from functions.inference.api import handler as inference
from sluice import aws as product_aws
from sluice.catalog import cards
from sluice.clock import iso
from sluice.errors import Conflict, Forbidden
from sluice.permissions import of_role
from sluice.principal import forget_cached
from sluice.table import Table
from tests import events
from tests.auth.conftest import Person
from tests.auth.test_keys import HERE, owner_of
from tests.replaced import ManualClock
from tests.sluice.test_races import together
from tests.stage import Stage

DAY_S = 24 * 3600


def whoami(key: str, address: str = "203.0.113.7") -> Any:
    return Person(address=address).send("GET", "/whoami", bearer=key)


def made(user: Person, **wish: Any) -> Any:
    answer = user.create_key({"name": "narrow"} | wish)
    assert answer.status == 201, answer.content
    return answer.json


def rotate(user: Person, key: str, overlap_s: int = 3600, **parts: Any) -> Any:
    return user.send("POST", f"/keys/{key}/rotate", body={"overlap_s": overlap_s}, **parts)


def test_a_key_tells_what_it_may_do(user: Person) -> None:
    wish = {
        "scopes": ["inference"],
        "models": ["smollm2-135m"],
        "networks": ["203.0.113.0/24"],
        "expires_at": "2027-11-01T00:00:00.000Z",
    }

    key = made(user, **wish)

    told = whoami(key["secret"]).json
    [listed] = user.send("GET", "/keys").json["data"]
    assert {name: told[name] for name in wish} == wish | {"scopes": ["inference", "inference:read"]}
    assert {name: listed[name] for name in wish} == wish
    assert whoami(made(user)["secret"]).json["models"] is None


def test_a_key_has_no_scope_that_it_was_not_given(user: Person) -> None:
    key = made(user, scopes=["billing:read"])["secret"]

    answer = events.call(inference, "GET", "/v1/inference/jobs", bearer=key)

    assert (answer.status, answer.json["code"]) == (403, "forbidden")


def test_a_key_is_refused_outside_its_networks(user: Person) -> None:
    key = made(user, networks=["203.0.113.0/25", "2001:db8::/32"])["secret"]

    statuses = {
        address: whoami(key, address).status
        for address in (
            *("203.0.113.7", "203.0.113.127", "::ffff:203.0.113.7", "2001:db8:1::1"),
            *("203.0.113.128", "198.51.100.7", "::ffff:198.51.100.7", "2001:db9::1"),
            *("", "203.0.113.7, 198.51.100.7", "nowhere"),
        )
    }

    assert list(statuses.values()) == [200] * 4 + [403] * 7, statuses
    assert whoami(key, "198.51.100.7").json["code"] == "address_not_allowed"


def test_a_key_calls_no_model_but_its_own(user: Person) -> None:
    key = made(user, models=["e5-small"])["secret"]
    chat = {"messages": [{"role": "user", "content": "Hello"}]}

    refused = submit(key, "smollm2-135m", chat)
    own = submit(key, "e5-small", {"input": "query: hello"})

    assert (refused.status, refused.json["code"]) == (403, "model_not_allowed")
    assert own.json["code"] == "insufficient_credit"


def submit(key: str, model: str, given: Any) -> Any:
    body = {"model": model, "input": given}
    return events.call(inference, "POST", "/v1/inference/jobs", body=body, bearer=key)


def test_a_doors_client_is_told_in_its_own_shape(user: Person) -> None:
    key = made(user, models=["e5-small"])["secret"]
    body = {"model": "smollm2-135m", "messages": [{"role": "user", "content": "Hello"}]}

    path = "/openai/v1/chat/completions"
    answer = events.call(inference, "POST", path, body=body, bearer=key)

    assert (answer.status, answer.json["error"]["code"]) == (403, "model_not_allowed")


def test_a_warm_request_asks_nobody_what_the_key_may_do(user: Person) -> None:
    key = made(user, models=["e5-small"], networks=["203.0.113.0/24"])["secret"]
    whoami(key)
    calls: list[str] = []
    product_aws.client("dynamodb").meta.events.register(
        "before-call", lambda model, **_: calls.append(model.name)
    )

    assert whoami(key).status == 200
    assert whoami(key, "198.51.100.7").status == 403

    assert calls == []


def test_models_are_kept_by_their_own_names(user: Person) -> None:
    alias = next(name for name, card in cards().items() if name != card.id)

    assert made(user, models=[alias, cards()[alias].id])["models"] == [cards()[alias].id]


@pytest.mark.parametrize(
    "wish",
    [
        {"scopes": []},
        {"scopes": ["account"]},
        {"scopes": ["inference", "account"]},
        {"models": []},
        {"models": ["no-such-model"]},
        {"models": ["smollm2-135m"] * 21},
        {"networks": []},
        {"networks": ["203.0.113.7/24"]},
        {"networks": ["203.0.113.0/33"]},
        {"networks": ["::ffff:203.0.113.0/120"]},
        {"networks": ["fe80::1%eth0"]},
        {"networks": ["２０３.0.113.0/24"]},
        {"networks": ["example.com"]},
        {"epoch": 7},
        {"pepper": 2},
        {"tier": "enterprise"},
    ],
)
def test_a_wish_that_cannot_be_makes_no_key(user: Person, wish: dict[str, Any]) -> None:
    answer = user.create_key({"name": "narrow"} | wish)

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    assert user.send("GET", "/keys").json["data"] == []


def test_the_version_of_the_pepper_stands_in_the_key(user: Person, aws: Stage) -> None:
    made(user)

    assert [item["pepper"] for item in aws.scan("accounts") if item["sk"] == "KEY"] == [1]


# Rotation


def test_nobody_rotates_without_a_session(ada: Person) -> None:
    assert rotate(ada, "key_x").status == 401


def test_somebody_elses_key_is_not_rotated(user: Person, stranger: Person) -> None:
    key = made(user)["id"]

    assert rotate(stranger, key).status == 404
    assert len(user.send("GET", "/keys").json["data"]) == 1


def test_a_rotated_key_has_the_same_limits_and_the_old_one_goes_on_for_the_overlap(
    user: Person, clock: ManualClock
) -> None:
    user.sign_in()
    old = made(user, models=["e5-small"], networks=["203.0.113.0/24"], scopes=["inference"])

    answer = rotate(user, old["id"])

    new = answer.json
    assert answer.status == 201
    same = ("name", "scopes", "models", "networks", "expires_at")
    assert {name: new[name] for name in same} == {name: old[name] for name in same}
    assert new["secret"] != old["secret"]
    assert [whoami(key["secret"]).status for key in (old, new)] == [200, 200]
    clock.advance(3600)
    forget_cached()
    assert [whoami(key["secret"]).status for key in (old, new)] == [401, 200]
    listed = {key["id"]: key for key in user.send("GET", "/keys").json["data"]}
    assert (listed[old["id"]]["state"], listed[old["id"]]["replaced_by"]) == ("expired", new["id"])


def test_an_overlap_lets_no_key_live_longer_than_it_would(user: Person, clock: ManualClock) -> None:
    user.sign_in()
    expires_at = iso(clock.now_ms() + 60_000)
    old = made(user, expires_at=expires_at)

    new = rotate(user, old["id"], 3600).json

    assert new["expires_at"] == expires_at
    listed = {key["id"]: key for key in user.send("GET", "/keys").json["data"]}
    assert listed[old["id"]]["expires_at"] == expires_at


def test_a_key_is_rotated_once_and_only_while_it_lives(user: Person) -> None:
    old, revoked = made(user)["id"], made(user)["id"]
    user.send("DELETE", f"/keys/{revoked}")
    rotate(user, old)

    answers = [rotate(user, old), rotate(user, revoked)]

    assert {(answer.status, answer.json["code"]) for answer in answers} == {(409, "key_not_live")}
    assert len(user.send("GET", "/keys").json["data"]) == 2


def test_the_same_rotation_again_gives_the_same_key_without_its_secret(user: Person) -> None:
    old, once = made(user)["id"], {"idempotency-key": "turn"}

    first = rotate(user, old, headers=once)
    again = rotate(user, old, headers=once)
    other = rotate(user, old, 60, headers=once)

    assert again.json == first.json | {"secret": None}
    assert again.headers["idempotent-replayed"] == "true"
    assert other.json["code"] == "idempotency_mismatch"


def test_of_many_rotations_at_once_one_is_made(emulator: Stage) -> None:
    Table(emulator.table("accounts")).put(
        {"pk": "ACCOUNT#acc_1", "sk": "ACCOUNT", "epoch": 0, "keys": 0}
    ).send()
    owner = owner_of("acc_1", emulator)
    key = service.create(owner, Wanted("laptop"), None, HERE).listing["id"]

    def act(number: int) -> bool:
        try:
            service.rotate(owner, key, 60, None, HERE)
        except Conflict:
            return False
        return True

    assert together(8, act).count(True) == 1
    items = emulator.scan("accounts")
    assert len([item for item in items if item["sk"] == "KEY"]) == 2
    assert [item["keys"] for item in items if item["sk"] == "ACCOUNT"] == [2]


def test_expired_keys_make_room(user: Person, clock: ManualClock, aws: Stage) -> None:
    user.sign_in()
    for _ in range(3):
        made(user, expires_at=iso(clock.now_ms() + 60_000))
    account = user.send("GET", "/whoami").json["account"]
    Table(aws.table("accounts")).update(f"ACCOUNT#{account}", "ACCOUNT", set_={"keys": 100}).send()
    assert user.create_key().json["code"] == "too_many_keys"

    clock.advance(60)

    assert user.create_key().status == 201
    [counted] = [item["keys"] for item in aws.scan("accounts") if item["sk"] == "ACCOUNT"]
    assert counted == 98


def test_a_key_may_do_no_more_than_its_maker_whether_made_or_rotated(
    user: Person, aws: Stage
) -> None:
    key, told = made(user), user.send("GET", "/whoami").json
    owner = replace(
        owner_of(told["account"], aws), user=told["user"], credential=told["credential"]
    )
    developer = replace(owner, scopes=of_role("developer"))

    with pytest.raises(Forbidden, match="no more than you may"):
        service.create(developer, Wanted("wide", scopes=["billing:read"]), None, HERE)
    with pytest.raises(Forbidden, match="no more than you may"):
        service.rotate(developer, key["id"], 3600, None, HERE)
    usual = service.create(developer, Wanted("usual"), None, HERE)

    assert set(usual.listing["scopes"]) == {"inference", "inference:read", "content:read"}


def test_a_budget_is_shown_and_goes_on_with_the_key_that_comes_in_its_place(
    user: Person, aws: Stage
) -> None:
    budget = {"usd": "25.00", "period": "month"}
    first = user.create_key({"name": "ci", "budget": budget}).json
    second = user.send("POST", f"/keys/{first['id']}/rotate", body={}).json

    for key in (first, second):
        assert key["budget"] == {"usd": "25", "period": "month"}
        told = Person().send("GET", "/whoami", bearer=key["secret"]).json
        assert told["budget"] == key["budget"]
    kept = {item["id"]: item["budget"] for item in aws.scan("accounts") if item["sk"] == "KEY"}
    expected = {"id": first["id"], "nanos": 25 * 10**9, "period": "month"}
    assert kept == {first["id"]: expected, second["id"]: expected}


@pytest.mark.parametrize(
    "budget",
    [
        {"usd": "-1", "period": "month"},
        {"usd": "1e3", "period": "month"},
        {"usd": "0.0000000001", "period": "month"},
        {"usd": "10000000", "period": "month"},
        {"usd": "1", "period": "day"},
        {"usd": 1, "period": "month"},
        {"usd": "1"},
    ],
)
def test_what_is_no_budget_is_refused(user: Person, budget: dict[str, Any]) -> None:
    answer = user.create_key({"name": "ci", "budget": budget})

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")


def test_a_key_gets_another_name_and_budget_and_keeps_counting_as_it_did(
    user: Person, stranger: Person, aws: Stage
) -> None:
    key = user.create_key({"name": "ci", "budget": {"usd": "5", "period": "month"}}).json
    path, more = f"/keys/{key['id']}", {"budget": {"usd": "7.5", "period": "total"}}

    assert Person().send("PATCH", path, body=more).status == 401
    assert stranger.send("PATCH", path, body=more).status == 404
    assert user.send("PATCH", path, body=more).json["budget"] == more["budget"]
    renamed = user.send("PATCH", path, body={"name": "deploy"}).json
    assert (renamed["name"], renamed["budget"]) == ("deploy", more["budget"])
    [kept] = [item for item in aws.scan("accounts") if item["sk"] == "KEY"]
    assert kept["budget"] == {"id": key["id"], "nanos": 75 * 10**8, "period": "total"}
    assert user.send("PATCH", path, body={"budget": None}).json["budget"] is None
    assert user.send("PATCH", path, body={}).status == 200
    assert Person().send("GET", "/whoami", bearer=key["secret"]).json["budget"] is None
    actions = [entry["action"] for entry in user.send("GET", "/audit").json["data"]]
    assert actions.count("key.changed") == 3
    user.send("DELETE", path)
    refused = user.send("PATCH", path, body=more)
    assert (refused.status, refused.json["code"]) == (409, "key_not_live")


def test_a_key_has_a_rate_that_changes_and_goes(user: Person) -> None:
    key = user.create_key({"name": "ci", "rate_per_minute": 60}).json
    path = f"/keys/{key['id']}"
    assert key["rate_per_minute"] == 60
    assert Person().send("GET", "/whoami", bearer=key["secret"]).json["rate_per_minute"] == 60

    changed = user.send("PATCH", path, body={"rate_per_minute": 5}).json

    assert (changed["rate_per_minute"], changed["name"]) == (5, "ci")
    assert user.send("PATCH", path, body={"rate_per_minute": None}).json["rate_per_minute"] is None
    assert user.create_key({"name": "ci", "rate_per_minute": 0}).status == 422


def test_who_may_run_may_read(user: Person) -> None:
    runner = user.create_key({"name": "run", "scopes": ["inference"]}).json
    reader = user.create_key({"name": "read", "scopes": ["inference:read"]}).json

    def scopes(key: Any) -> Any:
        return Person().send("GET", "/whoami", bearer=key["secret"]).json["scopes"]

    assert scopes(runner) == ["inference", "inference:read"]
    assert scopes(reader) == ["inference:read"]
