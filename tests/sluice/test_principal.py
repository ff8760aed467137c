"""Who a request acts as: keys, sessions, scopes, and how long a revoked one still works."""

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends

from sluice.http import create_app, lambda_handler
from sluice.principal import (
    Principal,
    current_principal,
    find_principal,
    is_well_formed_key,
    new_api_key,
    require,
)
from sluice.table import Table
from tests.events import call
from tests.replaced import ManualClock, forget_everything
from tests.seeds import give_key
from tests.stage import Stage

router = APIRouter()


@router.get("/who")
async def who(caller: Annotated[Principal, Depends(current_principal)]) -> dict[str, Any]:
    return {"account": caller.account, "is_key": caller.is_key}


@router.get("/money")
async def money(caller: Annotated[Principal, Depends(require("billing:read"))]) -> dict[str, str]:
    return {"account": caller.account}


@router.get("/spend", dependencies=[Depends(require("inference"))])
@router.post("/spend", dependencies=[Depends(require("inference"))])
async def spend() -> None: ...


@router.post("/leave", dependencies=[Depends(require("inference", while_limited=True))])
async def leave() -> None: ...


handler = lambda_handler(create_app("test", [router]))


def change(stage: Stage, key: str, **fields: Any) -> None:
    table = Table(stage.table("accounts"))
    item = next(item for item in stage.scan("accounts") if item["sk"] == "KEY")
    table.put(item | fields).send()
    assert key


def test_nobody_is_asked_to_send_a_key(aws: Stage) -> None:
    answer = call(handler, "GET", "/who")

    assert answer.status == 401
    assert answer.json["code"] == "unauthenticated"
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_key_acts_as_its_account(aws: Stage) -> None:
    key = give_key(aws, "acc_1")

    answer = call(handler, "GET", "/who", bearer=key)

    assert answer.json == {"account": "acc_1", "is_key": True}


def test_a_key_may_come_without_the_word_bearer(aws: Stage) -> None:
    key = give_key(aws, "acc_1")

    bare = call(handler, "GET", "/who", headers={"authorization": key})
    wrong = call(handler, "GET", "/who", headers={"authorization": new_api_key()})
    other = call(handler, "GET", "/who", headers={"authorization": key.removeprefix("sk_")})

    assert bare.json == {"account": "acc_1", "is_key": True}
    assert (wrong.status, other.status) == (401, 401)


def test_no_table_holds_the_key_itself(aws: Stage) -> None:
    key = give_key(aws, "acc_1")

    assert key not in str(aws.scan("accounts"))
    assert key.removeprefix("sk_")[:16] not in str(aws.scan("accounts"))


@pytest.mark.parametrize(
    "credential",
    ["sk_", "sk_x", "x" * 300, "sk_" + "0" * 39, new_api_key()[:-1], new_api_key() + "0", "sk_ü"],
    ids=["bare", "short", "long", "zeros", "cut", "one more", "foreign letter"],
)
def test_what_is_no_key_is_refused_without_asking_the_table(aws: Stage, credential: str) -> None:
    answer = call(handler, "GET", "/who", bearer=credential)

    assert answer.status == 401


def test_an_unknown_key_is_refused(aws: Stage) -> None:
    give_key(aws, "acc_1")

    assert call(handler, "GET", "/who", bearer=new_api_key()).status == 401


def test_a_scope_that_a_key_lacks_is_named(aws: Stage) -> None:
    key = give_key(aws, "acc_1")

    answer = call(handler, "GET", "/money", bearer=key)

    assert answer.status == 403
    assert "billing:read" in answer.json["detail"]


@pytest.mark.parametrize("change_to", [{"state": "revoked"}, {"expires_ms": 1}])
def test_a_revoked_or_expired_key_works_for_three_more_seconds_at_most(
    aws: Stage, clock: ManualClock, change_to: dict[str, Any]
) -> None:
    key = give_key(aws, "acc_1")
    assert call(handler, "GET", "/who", bearer=key).status == 200

    change(aws, key, **change_to)
    clock.advance(3)

    assert call(handler, "GET", "/who", bearer=key).status == 401


def test_a_clock_that_steps_back_keeps_no_revoked_key_alive(aws: Stage, clock: ManualClock) -> None:
    key = give_key(aws, "acc_1")
    assert find_principal("KEY", key) is not None

    change(aws, key, state="revoked")
    clock.at_ms -= 900_000

    assert find_principal("KEY", key) is None


def test_a_key_expires_by_its_own_time(aws: Stage, clock: ManualClock) -> None:
    key = give_key(aws, "acc_1")
    change(aws, key, expires_ms=clock.at_ms)

    assert find_principal("KEY", key) is None


def test_a_session_is_no_key_and_a_key_is_no_session(aws: Stage) -> None:
    key = give_key(aws, "acc_1")

    assert find_principal("SESSION", key) is None


def test_another_root_secret_knows_no_key(aws: Stage) -> None:
    key = give_key(aws, "acc_1")
    aws.client("secretsmanager").put_secret_value(
        SecretId=f"{aws.prefix}-root", SecretString="another secret of the same stage"
    )
    forget_everything()

    assert find_principal("KEY", key) is None


def test_keys_are_well_formed_and_never_the_same() -> None:
    keys = {new_api_key() for _ in range(1_000)}

    assert len(keys) == 1_000
    assert all(is_well_formed_key(key) for key in keys)
    assert {len(key) for key in keys} == {3 + 33 + 6}


def test_one_changed_character_spoils_the_checksum() -> None:
    key = new_api_key()

    for place in range(3, len(key)):
        other = "0" if key[place] != "0" else "1"
        assert not is_well_formed_key(key[:place] + other + key[place + 1 :])


def test_a_limited_account_reads_and_does_what_is_open_to_it_and_nothing_else(aws: Stage) -> None:
    key = give_key(aws, "acc_1")
    change(aws, key, limited="account_suspended")

    read = call(handler, "GET", "/spend", bearer=key)
    left = call(handler, "POST", "/leave", bearer=key)
    spent = call(handler, "POST", "/spend", bearer=key)

    assert (read.status, left.status) == (200, 200)
    assert (spent.status, spent.json["code"]) == (403, "account_suspended")
