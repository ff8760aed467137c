"""Keys that leaked: whoever finds one ends it, and learns nothing else."""

import pytest

from functions.auth import followups
from tests import events
from tests.auth.conftest import Person, mails_to
from tests.auth.organizations import signed_in
from tests.auth.test_followups import records
from tests.stage import Stage


@pytest.fixture
def owner(aws: Stage) -> Person:
    return signed_in("ada@example.com")


def report(*keys: str) -> tuple[int, dict[str, object]]:
    finder = Person("finder@example.org", address="198.51.100.77")
    answer = finder.send("POST", "/leaked-keys", body={"keys": list(keys)})
    return answer.status, answer.json


def is_live(key: str) -> bool:
    return Person().send("GET", "/whoami", bearer=key).status == 200


def test_a_reported_key_ends_at_once_and_its_owner_is_told(owner: Person, aws: Stage) -> None:
    leaked, other = (owner.create_key({"name": name}).json for name in ("leaked", "other"))

    assert report(leaked["secret"]) == (202, {"received": 1})

    assert not is_live(leaked["secret"])
    assert is_live(other["secret"])
    [entry] = [
        entry
        for entry in owner.send("GET", "/audit").json["data"]
        if entry["action"] == "key.leaked"
    ]
    assert (entry["actor"], entry["target"]) == ("leak-report", leaked["id"])
    assert entry["address"] == "198.51.100.77"
    followups.handler(records(aws), events.Context())
    assert "leaked" in mails_to("ada@example.com")[-1]
    counted = [item["keys"] for item in aws.scan("accounts") if item["sk"] == "ACCOUNT"]
    assert counted == [1]


def test_the_answer_is_the_same_for_live_dead_unknown_and_no_keys_at_all(owner: Person) -> None:
    live, dead = (owner.create_key({"name": name}).json for name in ("live", "dead"))
    owner.send("DELETE", f"/keys/{dead['id']}")
    unknown = "sk_" + "0" * 39

    answers = [report(key) for key in (live["secret"], dead["secret"], unknown, "nonsense")]

    assert answers == [(202, {"received": 1})] * 4


def test_a_key_that_is_reported_over_and_over_ends_once(owner: Person, aws: Stage) -> None:
    key = owner.create_key().json["secret"]

    assert report(key, key) == (202, {"received": 2})
    assert report(key) == (202, {"received": 1})

    told = [item for item in aws.scan("accounts") if item["sk"] == "NOTICE"]
    assert [item["kind"] for item in told].count("key_leaked") == 1


@pytest.mark.parametrize("body", [{}, {"keys": []}, {"keys": ["k"] * 101}, {"keys": ["k" * 201]}])
def test_nonsense_is_refused(aws: Stage, body: dict[str, object]) -> None:
    answer = Person().send("POST", "/leaked-keys", body=body)

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")


def test_guessing_is_limited(aws: Stage) -> None:
    statuses = [report("nonsense")[0] for _ in range(31)]

    assert statuses == [202] * 30 + [429]
