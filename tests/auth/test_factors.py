"""Second factors: a password alone no longer opens a session, and no proof is good twice."""

import re
from typing import Any

import pyotp
import pytest

from functions.auth.factors import recovery, store, totp
from functions.auth.factors.proof import Proof
from functions.auth.sessions import admission
from functions.auth.sessions.admission import Ticket
from functions.auth.sessions.freshness import FRESH_MS
from functions.auth.sessions.service import sign_in
from functions.auth.users import store as users
from sluice import clock as sluice_clock
from sluice.errors import SluiceError
from sluice.principal import SESSION_COOKIE
from sluice.table import Transaction
from tests.auth.authenticator import PRESENT, Authenticator
from tests.auth.conftest import PASSWORD, Person, mails_to
from tests.auth.seeds import EMAIL, HERE, verified
from tests.auth.test_sessions import is_in
from tests.replaced import ManualClock
from tests.sluice.test_races import together
from tests.stage import PUBLIC_URL, Stage

ORIGIN = PUBLIC_URL
STEP_S = totp.STEP_S
RESET_CODE = re.compile(r"\b[a-z2-7]{32}\b")


class App:
    """An authenticator app."""

    def __init__(self, seed: str) -> None:
        self._totp = pyotp.TOTP(seed)

    def code(self, steps: int = 0) -> str:
        return self._totp.at(sluice_clock.now_s() + steps * STEP_S)


def enrol(person: Person) -> tuple[App, list[str]]:
    """An app as a second factor, and the recovery codes that come with it."""
    app = App(person.send("POST", "/factors/totp").json["secret"])
    added = person.send("POST", "/factors/totp/confirm", body={"code": app.code()})
    assert added.status == 201, added.json
    return app, added.json["recovery_codes"]


def add_passkey(person: Person, device: Authenticator) -> Any:
    begun = person.send("POST", "/factors/passkeys/options").json
    made = {"ceremony": begun["ceremony"], "credential": device.create(begun["options"])}
    return person.send("POST", "/factors/passkeys", body=made)


def prove(person: Person, **proof: Any) -> Any:
    return person.send("POST", "/sign-in/second-factor", body=proof)


def by_passkey(person: Person, device: Authenticator) -> Any:
    asked = person.send("POST", "/sign-in/passkey/options").json
    answer = {"ceremony": asked["ceremony"], "credential": device.get(asked["options"])}
    return person.send("POST", "/sign-in/passkey", body=answer)


@pytest.fixture
def device() -> Authenticator:
    return Authenticator(ORIGIN)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/factors"),
        ("POST", "/factors/totp"),
        ("POST", "/factors/passkeys/options"),
        ("POST", "/factors/recovery-codes"),
        ("DELETE", "/factors/fct_x"),
        ("POST", "/step-up/options"),
    ],
)
def test_nobody_touches_factors_without_a_session(ada: Person, method: str, path: str) -> None:
    assert ada.send(method, path).status == 401


def test_another_users_factor_is_unknown(user: Person, stranger: Person) -> None:
    enrol(user)
    [factor] = user.send("GET", "/factors").json["data"]

    assert stranger.send("DELETE", f"/factors/{factor['id']}").status == 404
    assert len(user.send("GET", "/factors").json["data"]) == 1


def test_with_an_app_the_password_alone_opens_no_session(user: Person, clock: ManualClock) -> None:
    app, _ = enrol(user)
    browser = Person(cookies={})

    asked = browser.sign_in()

    assert asked.status == 202
    assert asked.json["second_factor"] == ["totp", "recovery_code"]
    assert SESSION_COOKIE not in browser.cookies
    clock.advance(STEP_S)
    assert prove(browser, code=app.code()).status == 200
    assert is_in(browser)


def test_the_code_that_confirmed_the_app_and_any_other_is_good_once(
    user: Person, clock: ManualClock
) -> None:
    app, _ = enrol(user)
    first, second = Person(cookies={}), Person(cookies={})
    first.sign_in()
    second.sign_in()

    confirmed = prove(first, code=app.code())
    clock.advance(STEP_S)
    code = app.code()
    used, again = prove(first, code=code), prove(second, code=code)

    assert [each.status for each in (confirmed, used, again)] == [403, 200, 403]
    assert again.json["code"] == "wrong_second_factor"


@pytest.mark.parametrize("steps", [-3, 3])
def test_a_code_of_another_time_proves_nothing(
    user: Person, clock: ManualClock, steps: int
) -> None:
    app, _ = enrol(user)
    clock.advance(10 * STEP_S)
    user.sign_in()

    assert prove(user, code=app.code(steps)).status == 403


def test_five_guesses_end_a_sign_in(user: Person, clock: ManualClock) -> None:
    app, _ = enrol(user)
    clock.advance(STEP_S)
    browser = Person(cookies={})
    browser.sign_in()

    wrong = [prove(browser, code="000000") for _ in range(5)]
    right = prove(browser, code=app.code())

    assert {each.json["code"] for each in wrong} == {"wrong_second_factor"}
    assert (right.status, right.json["code"]) == (401, "sign_in_expired")


def test_who_guesses_all_over_leaves_the_owner_a_few_attempts(
    user: Person, clock: ManualClock
) -> None:
    app, _ = enrol(user)
    clock.advance(STEP_S)
    for number in range(35):
        guesser = Person(address=f"198.51.100.{number}")
        guesser.sign_in()
        prove(guesser, code="000000")
    owner = Person(cookies={}, address="192.0.2.44")
    owner.sign_in()

    assert prove(owner, code=app.code()).status == 200


@pytest.mark.parametrize("happens", ["too_late", "password_changed", "secured"])
def test_what_ends_the_first_proof_ends_the_sign_in(
    user: Person, clock: ManualClock, happens: str
) -> None:
    app, _ = enrol(user)
    browser = Person(cookies={})
    browser.sign_in()

    if happens == "too_late":
        clock.advance(5 * 60)
    elif happens == "secured":
        user.send("POST", "/compromised")
    else:
        change = {"current_password": PASSWORD, "password": "eight calm owls"}
        assert user.send("POST", "/password", body=change).status == 204
    clock.advance(STEP_S)

    assert prove(browser, code=app.code()).json["code"] == "sign_in_expired"


def test_without_a_ticket_there_is_nothing_to_prove(user: Person) -> None:
    enrol(user)

    assert prove(Person(cookies={}), code="123456").status == 401
    assert user.send("POST", "/sign-in/second-factor/options").status == 401


def test_a_recovery_code_stands_in_once_and_its_owner_is_told(user: Person) -> None:
    _, codes = enrol(user)
    browser = Person(cookies={})

    browser.sign_in()
    typed = codes[3].upper().replace("-", " ")
    first = prove(browser, recovery_code=typed)
    browser.sign_in()
    second = prove(browser, recovery_code=codes[3])

    assert (len(codes), first.status, second.status) == (recovery.CODES, 200, 403)
    assert user.send("GET", "/factors").json["recovery_codes_left"] == recovery.CODES - 1


def test_new_recovery_codes_end_the_old_ones(user: Person) -> None:
    _, old = enrol(user)

    new = user.send("POST", "/factors/recovery-codes").json["recovery_codes"]
    browser = Person(cookies={})
    browser.sign_in()

    assert prove(browser, recovery_code=old[0]).status == 403
    assert prove(browser, recovery_code=new[0]).status == 200


def test_a_second_app_is_refused_and_a_wrong_code_confirms_none(user: Person) -> None:
    begun = user.send("POST", "/factors/totp").json
    wrong = user.send("POST", "/factors/totp/confirm", body={"code": "000000"})
    assert wrong.json["code"] == "invalid_code"
    code = App(begun["secret"]).code()
    assert user.send("POST", "/factors/totp/confirm", body={"code": code}).status == 201

    assert user.send("POST", "/factors/totp").json["code"] == "totp_exists"


def test_without_its_last_factor_the_password_is_enough_again(user: Person) -> None:
    enrol(user)
    [factor] = user.send("GET", "/factors").json["data"]

    assert user.send("DELETE", f"/factors/{factor['id']}").status == 204
    assert user.send("DELETE", f"/factors/{factor['id']}").status == 404
    assert Person(cookies={}).sign_in().status == 200
    assert user.send("GET", "/factors").json == {"data": [], "recovery_codes_left": 0}


def test_a_passkey_signs_in_alone(user: Person, device: Authenticator) -> None:
    assert add_passkey(user, device).status == 201
    browser = Person(cookies={})

    assert by_passkey(browser, device).status == 200
    assert is_in(browser)


def test_a_passkey_is_a_second_factor_too(user: Person, device: Authenticator) -> None:
    add_passkey(user, device)
    browser = Person(cookies={})
    browser.sign_in()
    asked = browser.send("POST", "/sign-in/second-factor/options").json

    answer = {"ceremony": asked["ceremony"], "credential": device.get(asked["options"])}

    assert prove(browser, passkey=answer).status == 200
    assert asked["options"]["allowCredentials"] != []


@pytest.mark.parametrize(
    "fault", ["origin", "key", "unverified", "counter", "challenge", "replay", "unknown"]
)
def test_a_passkey_that_is_not_quite_right_opens_nothing(
    user: Person, device: Authenticator, fault: str
) -> None:
    add_passkey(user, device)
    by_passkey(Person(cookies={}), device)
    browser, other = Person(cookies={}), Authenticator(ORIGIN)
    asked = browser.send("POST", "/sign-in/passkey/options").json
    match fault:
        case "origin":
            device.origin = "https://sluice.test.example.org"
        case "key":
            device.key = other.key
        case "unverified":
            device.flags = PRESENT
        case "counter":
            device.count = 0
        case "challenge":
            asked["options"]["challenge"] = "AAAA"
        case "unknown":
            device.credential = b"another"
    answer = {"ceremony": asked["ceremony"], "credential": device.get(asked["options"])}
    if fault == "replay":
        Person(cookies={}).send("POST", "/sign-in/passkey", body=answer)

    refused = browser.send("POST", "/sign-in/passkey", body=answer)

    assert (refused.status, refused.json["code"]) == (403, "wrong_second_factor")


@pytest.mark.parametrize("nonsense", [{}, {"rawId": "%"}, {"rawId": "AAAA", "response": []}])
def test_nonsense_is_no_passkey(user: Person, nonsense: Any) -> None:
    asked = user.send("POST", "/sign-in/passkey/options").json
    begun = user.send("POST", "/factors/passkeys/options").json

    signing = {"ceremony": asked["ceremony"], "credential": nonsense}
    adding = {"ceremony": begun["ceremony"], "credential": nonsense}

    assert user.send("POST", "/sign-in/passkey", body=signing).status == 403
    assert user.send("POST", "/factors/passkeys", body=adding).json["code"] == "invalid_passkey"


def test_a_ceremony_is_for_whom_it_was_begun(
    user: Person, stranger: Person, device: Authenticator
) -> None:
    begun = user.send("POST", "/factors/passkeys/options").json
    made = {"ceremony": begun["ceremony"], "credential": device.create(begun["options"])}

    assert stranger.send("POST", "/factors/passkeys", body=made).status == 403
    assert user.send("POST", "/factors/passkeys", body=made).status == 201
    assert user.send("POST", "/factors/passkeys", body=made).status == 403


def test_a_passkey_belongs_to_one_user(
    user: Person, stranger: Person, device: Authenticator
) -> None:
    add_passkey(user, device)

    refused = add_passkey(stranger, device)

    assert (refused.status, refused.json["code"]) == (409, "passkey_known")


def test_step_up_takes_the_second_factor_too(
    user: Person, clock: ManualClock, device: Authenticator
) -> None:
    app, _ = enrol(user)
    add_passkey(user, device)
    clock.advance(FRESH_MS / 1000)

    bare = user.send("POST", "/step-up", body={"password": PASSWORD})
    alone = user.send("POST", "/step-up", body={"second_factor": {"code": app.code()}})
    both = {"password": PASSWORD, "second_factor": {"code": app.code()}}
    asked = user.send("POST", "/step-up/options").json
    answer = {"ceremony": asked["ceremony"], "credential": device.get(asked["options"])}

    assert bare.json["code"] == "second_factor_required"
    assert alone.json["code"] == "wrong_password"
    assert user.send("POST", "/step-up", body=both).status == 200
    assert user.send("POST", "/step-up", body={"second_factor": {"passkey": answer}}).status == 200


def test_factors_take_a_fresh_session(user: Person, clock: ManualClock) -> None:
    assert user.sign_in().status == 200
    clock.advance(FRESH_MS / 1000)

    for path in ("/factors/totp", "/factors/passkeys/options", "/factors/recovery-codes"):
        assert user.send("POST", path).json["code"] == "step_up_required"


def test_a_reset_of_the_password_keeps_the_second_factor(user: Person) -> None:
    enrol(user)
    user.send("POST", "/password/reset", body={"email": user.email})
    code = RESET_CODE.findall(mails_to(user.email)[-1])[0]
    reset = {"email": user.email, "code": code, "password": "eight calm owls"}
    assert user.send("POST", "/password/reset/confirm", body=reset).status == 204

    assert user.sign_in("eight calm owls").status == 202


def test_securing_the_account_ends_its_factors_too(user: Person, device: Authenticator) -> None:
    """Whoever had come in may have added one, and would lock its owner out."""
    enrol(user)
    add_passkey(user, device)

    assert user.send("POST", "/compromised").status == 200

    assert by_passkey(Person(cookies={}), device).status == 403


def test_the_table_betrays_no_seed_and_no_code(user: Person, aws: Stage) -> None:
    begun = user.send("POST", "/factors/totp").json
    code = {"code": App(begun["secret"]).code()}
    codes = user.send("POST", "/factors/totp/confirm", body=code).json["recovery_codes"]

    kept = str(aws.scan("accounts"))

    assert not [each for each in (begun["secret"], *codes) if each in kept]


def test_of_many_proofs_by_one_code_one_opens_a_session(emulator: Stage) -> None:
    user = users.get(verified().user)
    codes = recovery.new_codes()
    digests = [recovery.digest_of(user["id"], code) for code in codes]
    Transaction().add(
        *store.add(user, "fct_1", {"kind": "passkey"}), store.put_codes(user["id"], digests)
    ).commit()
    tickets = [sign_in(EMAIL, PASSWORD, None, HERE) for _ in range(4)]

    def act(number: int) -> bool:
        ticket = tickets[number]
        assert isinstance(ticket, Ticket)
        try:
            admission.complete(ticket.token, Proof(recovery_code=codes[0]), None, HERE)
        except SluiceError:
            return False
        return True

    assert together(4, act).count(True) == 1


# RFC 6238, appendix B, SHA-1: the times and passwords, of which ours are the last six digits.
@pytest.mark.parametrize(
    ("at_s", "password"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_rfc(at_s: int, password: str, clock: ManualClock) -> None:
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # base 32 of 12345678901234567890
    clock.at_ms = at_s * sluice_clock.MS_PER_S

    assert totp.find_step(seed, password[-6:]) == at_s // STEP_S
