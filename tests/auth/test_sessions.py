"""A user's open sessions: seen, ended one by one or together, never more than twenty."""

from collections.abc import Mapping
from typing import Any

import pytest

from functions.auth.sessions import devices, ends, service, store
from sluice.caller import Caller
from sluice.principal import SESSION_COOKIE, find_principal, forget_cached
from tests.auth.conftest import PASSWORD, Person
from tests.auth.seeds import EMAIL, HERE, verified
from tests.replaced import ManualClock
from tests.sluice.test_races import together
from tests.stage import Stage

HOUR_S = 3600
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ROUTES = [("GET", "/sessions"), ("DELETE", "/sessions"), ("DELETE", "/sessions/ses_x")]


def elsewhere(person: Person, address: str = "198.51.100.77") -> Person:
    """The same person, signed in with another browser."""
    other = Person(person.email, person.password, address)
    body = {"email": person.email, "password": person.password}
    other.send("POST", "/sign-in", body=body, headers={"user-agent": FIREFOX})
    return other


def listed(person: Person) -> list[Mapping[str, Any]]:
    answer = person.send("GET", "/sessions")
    assert answer.status == 200, answer.content
    sessions: list[Mapping[str, Any]] = answer.json["data"]
    return sessions


def is_in(person: Person) -> bool:
    return person.send("GET", "/whoami").status == 200


def everything_of(stage: Stage) -> list[Mapping[str, Any]]:
    """Of every session, both items."""
    return [item for item in stage.scan("accounts") if "SESSION#" in item["pk"] + item["sk"]]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_session_there_are_none_to_see(ada: Person, method: str, path: str) -> None:
    answer = ada.send(method, path)

    assert (answer.status, answer.json["code"]) == (401, "unauthenticated")


def test_somebody_elses_session_is_unknown_and_goes_on(user: Person, stranger: Person) -> None:
    [session] = listed(user)

    answer = stranger.send("DELETE", f"/sessions/{session['id']}")

    nobodys = stranger.send("DELETE", "/sessions/ses_of_nobody")
    assert answer.status == nobodys.status == 404
    assert answer.json["detail"] == nobodys.json["detail"]
    assert is_in(user)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_key_sees_and_ends_no_session(user: Person, method: str, path: str) -> None:
    key = user.create_key().json["secret"]

    assert Person().send(method, path, bearer=key).status == 403


def test_the_list_tells_device_coarse_network_and_which_one_asks(
    user: Person, stranger: Person
) -> None:
    other = elsewhere(user)

    [newest, own] = listed(user)

    assert (newest["device"], newest["network"]) == ("Firefox on Linux", "198.51.100.0/24")
    assert (own["device"], own["network"]) == ("unknown", "203.0.113.0/24")
    assert (newest["current"], own["current"]) == (False, True)
    assert [session["current"] for session in listed(other)] == [True, False]


def test_no_token_and_no_word_of_the_client_stands_in_the_table(user: Person, aws: Stage) -> None:
    forged = "<script>alert(1)</script> Firefox/1"
    body = {"email": user.email, "password": user.password}
    user.send("POST", "/sign-in", body=body, headers={"user-agent": forged})

    kept = str(aws.scan("accounts"))

    assert "script" not in kept
    assert user.cookies[SESSION_COOKIE] not in kept
    assert listed(user)[0]["device"] == "Firefox"


def test_a_session_that_its_owner_ends_is_refused_everywhere(user: Person, aws: Stage) -> None:
    other = elsewhere(user)
    assert is_in(other)
    session = next(s for s in listed(user) if not s["current"])

    answer = user.send("DELETE", f"/sessions/{session['id']}")

    assert answer.status == 204
    assert (is_in(other), is_in(user)) == (False, True)
    assert user.send("DELETE", f"/sessions/{session['id']}").status == 404
    assert len(everything_of(aws)) == 2


def test_one_may_end_the_session_that_asks(user: Person) -> None:
    [session] = listed(user)

    answer = user.send("DELETE", f"/sessions/{session['id']}")

    assert answer.status == 204
    assert not is_in(user)


def test_ending_the_others_leaves_the_one_that_asks(
    user: Person, stranger: Person, aws: Stage
) -> None:
    others = [elsewhere(user, f"198.51.100.{number}") for number in range(3)]

    answer = user.send("DELETE", "/sessions")

    assert answer.json == {"ended": 3}
    assert [is_in(person) for person in (*others, user, stranger)] == [False] * 3 + [True] * 2
    assert len(everything_of(aws)) == 2 * 2


def test_use_is_seen_within_five_minutes_and_puts_off_the_end(
    user: Person, clock: ManualClock
) -> None:
    user.sign_in()
    before = listed(user)[0]

    clock.advance(HOUR_S)
    is_in(user)

    after = listed(user)[0]
    assert before["used_at"] == before["created_at"] == after["created_at"]
    assert (after["used_at"], after["expires_at"]) == (
        "2026-11-25T13:00:00.000Z",
        "2026-11-26T01:00:00.000Z",
    )


def test_an_expired_session_is_not_listed_and_cannot_be_ended(
    user: Person, clock: ManualClock
) -> None:
    other = elsewhere(user)
    session = listed(other)[0]["id"]
    clock.advance(12 * HOUR_S)
    forget_cached()

    user.sign_in()

    assert len(listed(user)) == 1
    assert user.send("DELETE", f"/sessions/{session}").status == 404


def test_of_more_than_twenty_the_least_recently_used_ends(aws: Stage, clock: ManualClock) -> None:
    verified()
    people = []
    for number in range(store.MAX_SESSIONS):
        person = Person(address=f"192.0.2.{number}")
        assert person.sign_in().status == 200
        people.append(person)
        clock.advance(600)
    assert is_in(people[0])  # so the second is the one that was used longest ago

    newcomer = Person(address="192.0.2.200")
    newcomer.sign_in()

    assert [is_in(person) for person in people] == [True, False] + [True] * 18
    assert len(listed(newcomer)) == store.MAX_SESSIONS


def test_many_sign_ins_at_once_leave_twenty_sessions_at_most(emulator: Stage) -> None:
    verified()
    networks = [Caller(f"192.0.2.{number}", "req_test") for number in range(22)]
    for network in networks[:18]:
        service.sign_in(EMAIL, PASSWORD, None, network)

    together(4, lambda number: service.sign_in(EMAIL, PASSWORD, None, networks[18 + number]))

    assert len(everything_of(emulator)) == 2 * store.MAX_SESSIONS


def test_a_sign_in_beside_the_end_of_all_others_is_either_ended_or_listed(
    emulator: Stage,
) -> None:
    verified()
    session = service.sign_in(EMAIL, PASSWORD, None, HERE)
    principal = find_principal("SESSION", session.token)
    assert principal

    def act(number: int) -> None:
        if number:
            service.sign_in(EMAIL, PASSWORD, None, HERE)
        else:
            ends.end_others(principal, HERE)

    together(4, act)

    items = everything_of(emulator)
    credentials = {item["pk"] for item in items if item["pk"].startswith("SESSION#")}
    assert credentials == {item["credential"] for item in items if "credential" in item}


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) … Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) … Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("", "unknown"),
        ("\u202etxet neddih", "unknown"),
    ],
)
def test_a_device_is_told_in_our_own_words(agent: str, device: str) -> None:
    assert devices.describe(agent) == device


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.200", "192.0.2.0/24"),
        ("::ffff:192.0.2.200", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("nowhere", "unknown"),
    ],
)
def test_a_network_is_told_coarsely(address: str, network: str) -> None:
    assert devices.coarse(address) == network
