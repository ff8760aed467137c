"""Who a credential acts as."""

import pytest

from sluice.permissions import KEY_SCOPES, PERMISSIONS
from sluice.principal import new_api_key
from tests.auth.conftest import Person


def test_nobody_is_unauthenticated(ada: Person) -> None:
    answer = ada.send("GET", "/whoami")

    assert (answer.status, answer.json["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("bearer", ["sk_", "sk_" + "0" * 39, "x" * 5000, "sk_ключ", "Bearer"])
def test_what_is_no_key_is_unauthenticated(ada: Person, bearer: str) -> None:
    assert ada.send("GET", "/whoami", bearer=bearer).status == 401


def test_a_key_that_nobody_made_is_unauthenticated(ada: Person) -> None:
    assert ada.send("GET", "/whoami", bearer=new_api_key()).status == 401


def test_a_session_may_manage_the_account_and_a_key_may_not(user: Person) -> None:
    key = user.create_key().json["secret"]

    session, by_key = user.send("GET", "/whoami"), Person().send("GET", "/whoami", bearer=key)

    assert (session.json["kind"], by_key.json["kind"]) == ("session", "key")
    assert session.json["account"] == by_key.json["account"]
    assert set(session.json["scopes"]) - set(by_key.json["scopes"]) == (
        PERMISSIONS.keys() - KEY_SCOPES
    )


def test_two_people_have_two_accounts(user: Person, stranger: Person) -> None:
    mine, theirs = (person.send("GET", "/whoami").json for person in (user, stranger))

    assert mine["account"] != theirs["account"]
    assert mine["user"] != theirs["user"]
