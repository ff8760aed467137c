"""The audit log: whoever owns the account reads all that was done to it, and nobody else."""

from typing import Any

import pytest

from tests.auth.conftest import PASSWORD, Person
from tests.auth.test_emails import OTHER, enter, move
from tests.auth.test_passwords import NEW, ask, change, code_for, confirm
from tests.auth.test_securing import secure
from tests.auth.test_sessions import elsewhere, listed
from tests.auth.test_step_up import step_up
from tests.stage import Stage

ADDRESS = "203.0.113.7"


def entries(person: Person, **query: str) -> list[dict[str, Any]]:
    answer = person.send("GET", "/audit", query=query)
    assert answer.status == 200, answer.content
    data: list[dict[str, Any]] = answer.json["data"]
    return data


def actions(person: Person) -> list[str]:
    """The oldest first."""
    return [entry["action"] for entry in reversed(entries(person))]


def test_without_a_session_there_is_no_log(ada: Person) -> None:
    assert ada.send("GET", "/audit").status == 401


def test_somebody_elses_log_is_not_to_be_had(user: Person, stranger: Person) -> None:
    user.create_key()
    user.create_key()
    cursor = user.send("GET", "/audit", query={"limit": "1"}).json["cursor"]

    own = {entry["actor"] for entry in entries(stranger)}
    answer = stranger.send("GET", "/audit", query={"limit": "1", "cursor": cursor})

    assert own == {stranger.send("GET", "/whoami").json["user"]}
    assert answer.status in {200, 422}
    assert {entry["actor"] for entry in answer.json.get("data", [])} <= own


def test_a_key_does_not_read_the_log(user: Person) -> None:
    key = user.create_key().json["secret"]

    assert Person().send("GET", "/audit", bearer=key).status == 403


def test_an_entry_says_who_did_what_to_what_from_where_in_which_request(user: Person) -> None:
    created = user.create_key()

    [entry] = entries(user, limit="1")

    assert entry == entry | {
        "actor": user.send("GET", "/whoami").json["user"],
        "action": "key.created",
        "target": created.json["id"],
        "address": ADDRESS,
        "request": created.headers["x-request-id"],
    }
    assert created.json["secret"] not in str(entry)


def test_pages_together_list_every_entry_once_and_the_newest_first(user: Person) -> None:
    for number in range(5):
        user.create_key({"name": str(number)})

    found, cursor = [], None
    for _ in range(20):
        page = user.send("GET", "/audit", query={"limit": "2"} | _after(cursor)).json
        found += page["data"]
        cursor = page["cursor"]
        if cursor is None:
            break

    assert found == entries(user)
    assert [entry["at"] for entry in found] == sorted((e["at"] for e in found), reverse=True)
    assert len({entry["id"] for entry in found}) == 7


def _after(cursor: str | None) -> dict[str, str]:
    return {"cursor": cursor} if cursor else {}


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"cursor": "x"}])
def test_a_page_that_cannot_be_is_refused(user: Person, query: dict[str, str]) -> None:
    assert user.send("GET", "/audit", query=query).json["code"] == "invalid_input"


def test_every_change_leaves_its_entry(user: Person, aws: Stage) -> None:
    other = elsewhere(user)
    user.send("DELETE", f"/sessions/{listed(user)[0]['id']}")
    elsewhere(user)
    user.send("DELETE", "/sessions")
    step_up(user)
    change(user)
    key = user.create_key().json["id"]
    user.send("DELETE", f"/keys/{key}")
    move(user)
    enter(user, code_for(OTHER))

    assert actions(user) == [
        "user.verified",
        "session.opened",
        "session.opened",
        "session.ended",
        "session.opened",
        "session.ended",
        "session.stepped_up",
        "password.changed",
        "key.created",
        "key.revoked",
        "email.change_asked",
        "email.changed",
    ]
    assert other.send("GET", "/audit").status == 401


def test_who_comes_back_reads_what_ended_while_they_were_out(user: Person) -> None:
    key = user.create_key().json["id"]
    secure(user)
    ask(user)
    confirm(user, code_for(user.email))
    user.sign_in(NEW)

    told = ["account.secured", "session.ended"]  # of one moment, in no order
    assert [*actions(user)[2:3], *sorted(actions(user)[3:5]), *actions(user)[5:]] == [
        "key.created",
        *told,
        "key.revoked",
        "password.reset",
        "session.opened",
    ]
    assert key in {entry["target"] for entry in entries(user) if entry["action"] == "key.revoked"}


def test_what_fails_leaves_no_entry(user: Person) -> None:
    before = entries(user)

    change(user, "a wrong one")
    step_up(user, "a wrong one")
    confirm(user, "a" * 32)
    enter(user, "a" * 32)
    user.create_key({"name": ""})
    user.send("DELETE", "/keys/key_x")
    user.sign_in("a wrong one")

    assert entries(user) == before
    assert user.password == PASSWORD
