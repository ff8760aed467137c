"""Moving an account to another mailbox: proven there, told here, nothing left to come back by."""

from typing import Any

import pytest

from functions.auth.digests import digest
from functions.auth.emails import service, store
from functions.auth.emails.store import CHANGE_VALID_S
from functions.auth.passwords import store as resets
from functions.auth.passwords.service import reset
from functions.auth.sessions.service import sign_in
from functions.auth.users import mailbox
from sluice.errors import Conflict, SluiceError
from sluice.principal import find_principal
from tests.auth.conftest import PASSWORD, Person, become_user, mails_to
from tests.auth.seeds import HERE, verified
from tests.auth.test_passwords import CODE, NEW, ask, change, code_for, confirm
from tests.auth.test_sessions import elsewhere, is_in
from tests.replaced import ManualClock
from tests.sluice.test_races import together
from tests.stage import Stage

OTHER = "ada@example.org"


def move(person: Person, email: str = OTHER, **parts: Any) -> Any:
    return person.send("POST", "/email", body={"email": email}, **parts)


def enter(person: Person, code: str) -> Any:
    return person.send("POST", "/email/confirm", body={"code": code})


def refused(answer: Any) -> bool:
    return (answer.status, answer.json["code"]) == (422, "invalid_code")


@pytest.mark.parametrize("act", [move, lambda person: enter(person, "a" * 32)])
def test_without_a_session_nothing_moves(ada: Person, act: Any) -> None:
    assert act(ada).status == 401


def test_somebody_elses_code_moves_nothing(user: Person, stranger: Person) -> None:
    move(stranger)

    assert refused(enter(user, code_for(OTHER)))


def test_a_key_cannot_move_the_account(user: Person) -> None:
    key = user.create_key().json["secret"]

    assert move(Person(), bearer=key).status == 403


def test_a_confirmed_address_is_the_login_and_the_old_one_is_free(user: Person, aws: Stage) -> None:
    other, account = elsewhere(user), user.send("GET", "/whoami").json["account"]
    move(user)
    assert user.sign_in().status == 200  # nothing has changed yet
    move(user)

    answer = enter(user, code_for(OTHER))

    assert (answer.status, answer.json) == (200, {"email": OTHER})
    assert (is_in(user), is_in(other)) == (True, False)
    assert Person(user.email).sign_in().status == 401
    moved = Person(OTHER)
    assert moved.sign_in().status == 200
    assert moved.send("GET", "/whoami").json["account"] == account
    [notice] = [item for item in aws.scan("accounts") if item["sk"] == "NOTICE"]
    assert (notice["kind"], notice["to"]) == ("email_changed", user.email)
    assert become_user(Person(user.email)).send("GET", "/whoami").json["account"] != account


def test_a_code_works_once_soon_and_in_the_session_that_asked(
    user: Person, clock: ManualClock
) -> None:
    user.sign_in()
    other = elsewhere(user)
    move(user)
    code = code_for(OTHER)
    assert refused(enter(other, code))
    assert enter(user, code).status == 200
    assert refused(enter(user, code))

    move(user, "third@example.org")
    clock.advance(CHANGE_VALID_S)

    assert refused(enter(user, code_for("third@example.org")))


def test_a_newer_request_ends_the_older_code(user: Person) -> None:
    move(user)
    move(user, "third@example.org")

    assert refused(enter(user, code_for(OTHER)))
    assert enter(user, code_for("third@example.org")).status == 200


def test_asking_for_a_taken_address_is_answered_alike_and_gives_no_code(
    user: Person, stranger: Person
) -> None:
    taken, free = move(user, stranger.email), move(user)

    assert (taken.status, taken.content) == (free.status, free.content)
    assert "already have an account" in mails_to(stranger.email)[-1]
    assert not CODE.search(mails_to(stranger.email)[-1])


def test_ones_own_address_is_no_change(user: Person) -> None:
    answer = move(user, user.email.upper())

    assert (answer.status, answer.json["code"]) == (422, "invalid_email")


@pytest.mark.parametrize("email", ["аda@example.org", "ada@example", "ada@example.org\nbcc: x"])
def test_an_address_that_looks_like_another_is_refused(user: Person, email: str) -> None:
    assert move(user, email).json["code"] == "invalid_email"


def test_a_change_left_pending_does_not_survive_a_reset(user: Person) -> None:
    """An intruder who knows the password asks for his own mailbox, and waits."""
    intruder = elsewhere(user)
    move(intruder, "mallory@example.org")
    ask(user)
    confirm(user, code_for(user.email))

    late = enter(intruder, code_for("mallory@example.org"))

    assert late.status == 401
    user.sign_in(NEW)
    assert refused(enter(user, code_for("mallory@example.org")))
    assert Person(user.email, NEW).sign_in().status == 200


def test_a_change_left_pending_does_not_survive_a_new_password(user: Person) -> None:
    move(user, "mallory@example.org")
    change(user)

    assert refused(enter(user, code_for("mallory@example.org")))


def test_a_reset_asked_for_at_the_old_address_ends_with_it(user: Person) -> None:
    ask(user)
    old = code_for(user.email)
    move(user)
    enter(user, code_for(OTHER))

    answer = confirm(Person(user.email), old, "a thief's own choice")

    assert refused(answer)


def test_of_two_who_claim_one_address_one_has_it(emulator: Stage) -> None:
    owners = [_asked(f"{name}@example.com") for name in ("ada", "bob")]

    def act(number: int) -> bool:
        try:
            service.confirm(owners[number], "a" * 32, HERE)
        except Conflict:
            return False
        return True

    assert together(2, act).count(True) == 1
    logins = [item for item in emulator.scan("accounts") if item["sk"] == "LOGIN"]
    assert len(logins) == len({item["user"] for item in logins}) == 2


def test_a_change_confirmed_beside_a_reset_leaves_one_way_in(emulator: Stage) -> None:
    owner = _asked("ada@example.com")
    login, code = mailbox.login_of("ada@example.com"), "b" * 32
    resets.pend(login, digest("reset-code", f"{login}:{code}"), owner.user).send()

    def act(number: int) -> bool:
        try:
            if number:
                service.confirm(owner, "a" * 32, HERE)
            else:
                reset("ada@example.com", code, NEW, HERE)
        except SluiceError:
            return False
        return True

    won = together(2, act)

    assert won.count(True) == 1
    kinds = [item["kind"] for item in emulator.scan("accounts") if item["sk"] == "NOTICE"]
    assert kinds == ["email_changed" if won[1] else "password_reset"]


def _asked(email: str) -> Any:
    """A user with a session and a change under way, without the mail."""
    user = verified(email).user
    session = sign_in(email, PASSWORD, None, HERE)
    owner = find_principal("SESSION", session.token)
    assert owner
    store.pend(user, owner.credential, OTHER, digest("email-code", f"{user}:{'a' * 32}")).send()
    return owner
