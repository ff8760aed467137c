"""Signing in by Google and GitHub: whoever is proven comes in, and nobody else by that door."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
import respx
from joserfc.jwk import ECKey

from functions.auth.providers import clients
from functions.auth.providers.store import ATTEMPT_VALID_S, NEWCOMER_VALID_S
from functions.auth.sessions.freshness import FRESH_MS
from functions.auth.sessions.store import PROOF_VALID_MS
from tests.auth.conftest import Person, become_user
from tests.auth.organizations import signed_in
from tests.auth.providers import (
    CONFIGURED,
    ENDPOINTS,
    Providers,
    error_of,
    location,
    sign_up,
)
from tests.auth.test_passwords import code_for
from tests.replaced import ManualClock
from tests.stage import Stage

BOTH = pytest.mark.parametrize("provider", ["google", "github"])


@pytest.fixture
def providers(
    aws: Stage, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Providers]:
    monkeypatch.setenv("PROVIDERS", CONFIGURED)
    clients.documents.clear()
    made = Providers()
    with respx.mock(assert_all_called=False) as router:
        made.mount(router)
        yield made


@pytest.fixture
def ada(providers: Providers) -> Person:
    return Person()


def whoami(person: Person) -> Any:
    return person.send("GET", "/whoami")


def newcomer(person: Person, providers: Providers, provider: str = "google") -> Person:
    assert location(providers.go(person, provider)).startswith("/sign-up/complete")
    assert sign_up(person).status == 201
    return person


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/providers/google/start-for-user", {"purpose": "link"}),
        ("GET", "/identities", None),
        ("DELETE", "/identities/google", None),
    ],
)
def test_nobody_links_for_nobody(ada: Person, method: str, path: str, body: Any) -> None:
    assert ada.send(method, path, body=body).status == 401


def test_without_providers_nobody_is_offered_or_found(aws: Stage) -> None:
    ada = Person()

    assert ada.send("GET", "/providers").json == {"data": []}
    assert ada.send("POST", "/providers/google/start", body={}).status == 404


@BOTH
def test_somebody_new_signs_up_and_comes_back_as_the_same(
    ada: Person, providers: Providers, provider: str
) -> None:
    assert [one["id"] for one in ada.send("GET", "/providers").json["data"]] == ["google", "github"]

    arrived = providers.go(ada, provider, return_to="/playground")
    assert location(arrived) == "/sign-up/complete?return_to=%2Fplayground"
    assert whoami(ada).status == 401
    signed = sign_up(ada)
    assert signed.status == 201
    other = Person()
    assert location(providers.go(other, provider, return_to="/keys")) == "/keys"

    assert whoami(other).json["user"] == whoami(ada).json["user"] == signed.json["user"]
    [identity] = ada.send("GET", "/identities").json["data"]
    assert (identity["provider"], identity["email"]) == (provider, "ada@example.com")


def test_what_is_asked_of_the_provider_is_state_nonce_and_a_challenge(
    ada: Person, providers: Providers
) -> None:
    asked = providers.leave(ada)
    providers.come_back(ada, asked)

    [given] = providers.exchanged
    digest = hashlib.sha256(given["code_verifier"].encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"].endswith("/v1/auth/providers/google/callback")
    assert len({asked["state"], asked["nonce"], given["code_verifier"]}) == 3
    assert min(map(len, (asked["state"], asked["nonce"], given["code_verifier"]))) == 43


@BOTH
def test_an_answer_counts_once_in_its_browser_for_its_provider_and_for_ten_minutes(
    ada: Person, providers: Providers, provider: str, clock: ManualClock
) -> None:
    asked = providers.leave(ada, provider)
    other = "github" if provider == "google" else "google"

    assert error_of(providers.come_back(Person(), asked, provider)) == "sign_in_expired"
    asked = providers.leave(ada, provider)
    assert error_of(providers.come_back(ada, asked, other)) == "sign_in_expired"
    asked = providers.leave(ada, provider)
    clock.advance(ATTEMPT_VALID_S)
    assert error_of(providers.come_back(ada, asked, provider)) == "sign_in_expired"
    asked = providers.leave(ada, provider)
    assert "complete" in location(providers.come_back(ada, asked, provider))
    ada.cookies.pop("sluice_provider", None)
    assert error_of(providers.come_back(ada, asked, provider)) == "sign_in_expired"
    assert error_of(providers.come_back(ada, {"state": "x" * 4096}, provider)) == "sign_in_expired"


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"},
        {"iss": "https://accounts.evil.example"},
        {"aud": "somebody-else"},
        {"aud": ["us", "somebody-else"]},
        {"azp": "somebody-else"},
        {"exp": 1},
        {"sub": ""},
        {"sub": 7},
    ],
)
def test_a_token_that_says_anything_else_proves_nobody(
    ada: Person, providers: Providers, lie: dict[str, Any]
) -> None:
    providers.claims = lie

    assert error_of(providers.go(ada)) == "unauthenticated"
    assert whoami(ada).status == 401


def test_another_issuer_s_answer_is_not_taken_for_this_one_s(
    ada: Person, providers: Providers
) -> None:
    asked = providers.leave(ada)

    answer = providers.come_back(ada, asked, iss="https://accounts.evil.example")

    assert error_of(answer) == "sign_in_expired"
    assert providers.exchanged == []


def test_a_provider_may_turn_its_keys_and_strangers_cannot(
    ada: Person, providers: Providers, clock: ManualClock
) -> None:
    newcomer(ada, providers)
    known, providers.key = providers.key, ECKey.generate_key("P-256", {"kid": "two"})
    assert error_of(providers.go(Person())) == "unauthenticated"  # asked for a moment ago

    clock.advance(61)

    assert location(providers.go(Person())) == "/"
    assert known.kid != providers.key.kid


@BOTH
def test_an_unverified_address_makes_no_user_and_links_to_none(
    ada: Person, providers: Providers, provider: str
) -> None:
    providers.verified = False

    assert error_of(providers.go(ada, provider)) == "email_not_verified_by_provider"
    assert sign_up(ada).status == 401
    user = signed_in("grace@example.com")
    linking = providers.go(user, provider, path="start-for-user", purpose="link")
    assert error_of(linking) == "email_not_verified_by_provider"
    assert user.send("GET", "/identities").json["data"] == []


def test_github_without_any_address_is_refused(ada: Person, providers: Providers) -> None:
    providers.email = None

    assert error_of(providers.go(ada, "github")) == "email_not_verified_by_provider"


def test_what_a_provider_refuses_is_told(ada: Person, providers: Providers) -> None:
    asked = providers.leave(ada, "github")

    assert error_of(providers.come_back(ada, asked, "github", code="bad")) == "sign_in_expired"
    denied = ada.send("GET", "/providers/google/callback", query={"error": "access_denied"})
    assert error_of(denied) == "access_denied"


@pytest.mark.parametrize("down", [ENDPOINTS["token_endpoint"], ENDPOINTS["jwks_uri"]])
def test_a_provider_that_is_down_lets_nobody_in_and_breaks_nothing(
    ada: Person, providers: Providers, down: str
) -> None:
    asked = providers.leave(ada)
    providers.down = down
    answer = providers.come_back(ada, asked)
    providers.down = ""

    assert error_of(answer) == "service_unavailable"
    assert "complete" in location(providers.go(ada))


def test_a_discovery_document_of_another_issuer_is_none(ada: Person, providers: Providers) -> None:
    providers.issuer = "https://accounts.evil.example"

    started = ada.send("POST", "/providers/google/start", body={})

    assert (started.status, started.json["code"]) == (503, "service_unavailable")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "x", "/a b", "/\n"]
)
def test_nobody_is_sent_elsewhere_in_the_end(
    ada: Person, providers: Providers, elsewhere: str
) -> None:
    answer = ada.send("POST", "/providers/google/start", body={"return_to": elsewhere})

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")


def test_a_newcomer_attests_and_accepts_or_stays_nobody(
    ada: Person, providers: Providers, clock: ManualClock
) -> None:
    providers.go(ada)
    body = {"attestation": {"age_or_authority": False}, "accept": ada.registration()["accept"]}

    assert ada.send("POST", "/providers/sign-up", body=body).status == 422
    accepted = {"terms": "2020-01-01", "privacy": "2026-11-01"}
    stale = {"attestation": {"age_or_authority": True}, "accept": accepted}
    refused = ada.send("POST", "/providers/sign-up", body=stale)
    assert refused.json["code"] == "document_not_current"
    assert sign_up(Person()).json["code"] == "sign_in_expired"
    clock.advance(NEWCOMER_VALID_S)
    assert sign_up(ada).json["code"] == "sign_in_expired"


def test_a_newcomer_signs_up_once(ada: Person, providers: Providers) -> None:
    providers.go(ada)
    cookies = dict(ada.cookies)

    assert sign_up(ada).status == 201
    again = sign_up(Person(cookies=cookies))

    assert (again.status, again.json["code"]) == (401, "sign_in_expired")


# The five attacks of “Pre-hijacked accounts” (Sudhodanan and Paverd, 2022).


@BOTH
def test_classic_federated_merge_a_prepared_password_opens_nothing(
    ada: Person, providers: Providers, provider: str
) -> None:
    mallory = Person(password="nine loud herons")
    mallory.sign_up()
    theirs = mallory.code()

    newcomer(ada, providers, provider)

    assert mallory.verify(theirs).json["code"] == "invalid_code"
    assert mallory.sign_in().status in (401, 403)
    assert whoami(mallory).status == 401


def test_classic_federated_merge_a_user_s_address_is_never_merged(
    providers: Providers, ada: Person
) -> None:
    become_user(ada)

    arrived = providers.go(Person())

    assert error_of(arrived) == "email_taken"
    assert ada.send("GET", "/identities").json["data"] == []


def test_unexpired_session_a_reset_ends_them_all(ada: Person, providers: Providers) -> None:
    mallory = newcomer(Person(), providers)  # as if the victim's address had been theirs

    _reset(ada)

    assert whoami(mallory).status == 401


def test_trojan_identifier_a_reset_unlinks_identities_of_other_mailboxes(
    ada: Person, providers: Providers
) -> None:
    become_user(ada)
    providers.subject, providers.email = "666", "mallory@example.org"
    providers.go(ada, path="start-for-user", purpose="link")
    providers.subject, providers.email = "1", "ada@example.com"
    providers.go(ada, "github", path="start-for-user", purpose="link")
    assert len(ada.send("GET", "/identities").json["data"]) == 2

    _reset(ada)

    providers.subject, providers.email = "666", "mallory@example.org"
    arrived = providers.go(Person())
    assert "/sign-up/complete" in location(arrived)  # nobody's
    assert ada.sign_in(RESET).status == 200
    [left] = ada.send("GET", "/identities").json["data"]
    assert left["provider"] == "github"


def test_unexpired_email_change_the_attacker_s_code_ends_with_the_reset(
    ada: Person, providers: Providers
) -> None:
    newcomer(ada, providers)
    ada.send("POST", "/email", body={"email": "mallory@example.org"})
    code = code_for("mallory@example.org")

    _reset(Person())

    assert ada.send("POST", "/email/confirm", body={"code": code}).status == 401
    again = Person()
    again.sign_in(RESET)
    confirmed = again.send("POST", "/email/confirm", body={"code": code})
    assert confirmed.json["code"] == "invalid_code"


@BOTH
def test_non_verifying_provider_its_address_opens_nobody_s_account(
    ada: Person, providers: Providers, provider: str
) -> None:
    become_user(ada)
    providers.subject, providers.verified = "666", False

    assert error_of(providers.go(Person(), provider)) == "email_not_verified_by_provider"


RESET = "four calm otters"


def _reset(person: Person) -> None:
    person.send("POST", "/password/reset", body={"email": person.email})
    body = {"email": person.email, "code": code_for(person.email), "password": RESET}
    assert person.send("POST", "/password/reset/confirm", body=body).status == 204


# Linking.


def test_a_linked_identity_signs_in_and_an_unlinked_one_does_not(
    ada: Person, providers: Providers
) -> None:
    become_user(ada)
    providers.email = "lovelace@example.org"

    linked = providers.go(ada, path="start-for-user", purpose="link", return_to="/account")

    assert location(linked) == "/account"
    other = Person()
    assert location(providers.go(other)) == "/"
    assert whoami(other).json["user"] == whoami(ada).json["user"]
    assert ada.send("DELETE", "/identities/google").status == 204
    assert "/sign-up/complete" in location(providers.go(Person()))
    assert ada.send("DELETE", "/identities/google").status == 404


def test_somebody_else_s_identity_and_a_second_one_are_not_linked(
    ada: Person, providers: Providers
) -> None:
    newcomer(ada, providers)
    mallory = signed_in("mallory@example.org")

    theirs = providers.go(mallory, path="start-for-user", purpose="link")
    providers.subject, providers.email = "2", "other@example.com"
    second = providers.go(ada, path="start-for-user", purpose="link")

    assert error_of(theirs) == "identity_taken"
    assert error_of(second) == "provider_linked"


def test_linking_takes_a_fresh_session_that_stays_open(
    ada: Person, providers: Providers, clock: ManualClock
) -> None:
    user = signed_in("grace@example.com")
    asked = providers.leave(user, path="start-for-user", purpose="link")
    cookies = dict(user.cookies)
    user.send("POST", "/sign-out")

    back = providers.come_back(Person(cookies=cookies), asked)

    assert error_of(back) == "unauthenticated"
    stale = signed_in("eve@example.com")
    clock.advance(FRESH_MS // 1000)
    refused = stale.send("POST", "/providers/google/start-for-user", body={"purpose": "link"})
    assert refused.json["code"] == "step_up_required"


def test_the_last_way_in_stays(ada: Person, providers: Providers) -> None:
    newcomer(ada, providers)

    refused = ada.send("DELETE", "/identities/google")

    assert (refused.status, refused.json["code"]) == (409, "last_way_in")
    _reset(Person())
    ada.sign_in(RESET)
    assert ada.send("DELETE", "/identities/google").status == 204


# Step-up without a password.


@BOTH
def test_who_has_no_password_steps_up_by_the_provider(
    ada: Person, providers: Providers, provider: str, clock: ManualClock
) -> None:
    newcomer(ada, providers, provider)
    clock.advance(FRESH_MS // 1000)
    assert ada.create_key().json["code"] == "step_up_required"
    assert ada.send("POST", "/step-up", body={}).json["code"] == "wrong_password"

    back = providers.go(ada, provider, path="start-for-user", purpose="step-up", return_to="/keys")

    assert location(back) == "/keys"
    assert ada.send("POST", "/step-up", body={}).status == 200
    assert ada.create_key().status == 201
    assert ada.send("POST", "/step-up", body={}).status == 403  # it counted once


def test_a_step_up_by_another_identity_a_stale_or_an_old_one_counts_for_nothing(
    ada: Person, providers: Providers, clock: ManualClock
) -> None:
    newcomer(ada, providers)
    step_up: dict[str, Any] = {"path": "start-for-user", "purpose": "step-up"}

    asked = providers.leave(ada, **step_up)
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    providers.claims = {"auth_time": 1}
    assert error_of(providers.come_back(ada, asked)) == "not_reauthenticated"
    providers.claims = {}
    providers.subject = "2"
    assert error_of(providers.go(ada, **step_up)) == "wrong_identity"
    providers.subject = "1"
    providers.go(ada, **step_up)
    clock.advance(PROOF_VALID_MS // 1000)
    assert ada.send("POST", "/step-up", body={}).status == 403
    unlinked = ada.send("POST", "/providers/github/start-for-user", body={"purpose": "step-up"})
    assert unlinked.status == 404


def test_a_second_factor_is_asked_for_here_too(
    ada: Person, providers: Providers, clock: ManualClock
) -> None:
    newcomer(ada, providers)
    seed = ada.send("POST", "/factors/totp").json["secret"]
    app = pyotp.TOTP(seed)
    confirmed = ada.send(
        "POST", "/factors/totp/confirm", body={"code": app.at(clock.now_ms() // 1000)}
    )
    assert confirmed.status == 201
    other = Person()

    arrived = providers.go(other, return_to="/keys")

    assert location(arrived).startswith("/sign-in?second_factor=totp%2Crecovery_code")
    assert whoami(other).status == 401
    codes = confirmed.json["recovery_codes"]
    proven = other.send("POST", "/sign-in/second-factor", body={"recovery_code": codes[0]})
    assert proven.status == 200
    assert whoami(other).json["user"] == whoami(ada).json["user"]


def test_a_secured_account_is_unlinked(ada: Person, providers: Providers) -> None:
    newcomer(ada, providers)

    assert ada.send("POST", "/compromised").status == 200

    assert error_of(providers.go(Person())) == "email_taken"
    _reset(Person())


def test_github_is_asked_for_no_more_than_who_it_is(ada: Person, providers: Providers) -> None:
    asked = providers.leave(ada, "github")

    assert asked["scope"] == "read:user user:email"
    assert "nonce" not in asked
