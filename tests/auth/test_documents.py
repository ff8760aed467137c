"""Documents: accepted at sign-up, accepted anew when they change, and binding from their day on."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.auth import followups
from functions.auth.documents import store
from functions.auth.documents.service import check_current
from sluice import documents
from sluice.errors import InvalidInput
from sluice.principal import forget_cached
from stacks import policies
from tests import events
from tests.auth.conftest import Person, become_user, mails_to
from tests.auth.organizations import Organization, signed_in
from tests.auth.test_followups import records
from tests.replaced import ManualClock, forget_everything
from tests.stage import Stage

NOW = {"terms": "2026-11-01", "privacy": "2026-11-01"}
NEW = {"terms": "2026-12-01", "privacy": "2026-11-01"}
EFFECTIVE = "2026-12-15"


@pytest.fixture
def new_terms(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The operator deploys other terms, which bind in three weeks."""

    def deploy() -> None:
        said = {"terms": ["2026-12-01", EFFECTIVE], "privacy": ["2026-11-01", "2026-11-01"]}
        monkeypatch.setenv("DOCUMENTS", json.dumps(said))
        forget_everything()

    return deploy


def days_until_effective(clock: ManualClock) -> None:
    at = datetime.fromisoformat(EFFECTIVE).replace(tzinfo=UTC).timestamp()
    clock.advance(at - clock.now_ms() / 1000)
    forget_cached()


def accept(person: Person, versions: dict[str, str] | None = None, **parts: Any) -> Any:
    return person.send("POST", "/documents/accept", body=versions or NEW, **parts)


def test_the_versions_stand_in_the_documents_themselves() -> None:
    assert policies.versions() == {name: (day, day) for name, day in NOW.items()}


def test_a_document_without_a_date_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "terms-of-service.md").write_text("# Terms\n")
    monkeypatch.setattr(policies, "FOLDER", tmp_path)

    with pytest.raises(ValueError, match="Policy date"):
        policies.versions()


def test_every_document_must_be_accepted_in_its_current_version(aws: Stage) -> None:
    check_current(NOW)

    for document in NOW:
        with pytest.raises(InvalidInput):
            check_current({**NOW, document: "2020-01-01"})
        with pytest.raises(InvalidInput):
            check_current({name: now for name, now in NOW.items() if name != document})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "/documents/accepted", None), ("POST", "/documents/accept", NOW)],
)
def test_nobody_accepts_for_nobody_and_no_key_does(
    user: Person, method: str, path: str, body: Any
) -> None:
    key = user.create_key().json["secret"]

    assert Person().send(method, path, body=body).status == 401
    assert Person().send(method, path, body=body, bearer=key).status == 403


def test_anybody_reads_what_there_is_to_accept(aws: Stage) -> None:
    listed = Person().send("GET", "/documents").json["data"]

    assert {each["document"]: each["version"] for each in listed} == NOW
    terms = Person().send("GET", "/documents/terms")
    assert terms.headers["content-type"].startswith("text/markdown")
    assert "Policy date: 2026-11-01" in terms.content.decode()
    assert Person().send("GET", "/documents/nonsense").status == 404
    assert Person().send("GET", "/documents/..%2Fdecisions").status == 404


def test_what_was_accepted_when_and_from_where_is_kept(clock: ManualClock, user: Person) -> None:
    accepted = user.send("GET", "/documents/accepted").json["data"]

    assert {each["document"]: each["version"] for each in accepted} == NOW
    assert {each["address"] for each in accepted} == {user.address}
    assert {each["accepted_at"] for each in accepted} == {"2026-11-25T12:00:00.000Z"}


def test_a_new_version_is_asked_for_at_once_and_binds_from_its_day_on(
    clock: ManualClock, new_terms: Any, aws: Stage
) -> None:
    user = become_user(Person())
    key = user.create_key().json["secret"]
    new_terms()

    due = user.send("GET", "/whoami").json["documents_due"]
    assert [(each["document"], each["version"]) for each in due] == [("terms", "2026-12-01")]
    assert due[0]["effective_at"] == "2026-12-15T00:00:00.000Z"
    assert user.create_key().status == 201
    days_until_effective(clock)

    again = Person()
    assert again.sign_in().json["documents_due"] == due
    for answer in (again.create_key(), again.send("POST", "/email", body={"email": "b@b.example"})):
        assert (answer.status, answer.json["code"]) == (403, "documents_due")
    assert again.send("GET", "/keys").status == 200
    assert Person().send("GET", "/whoami", bearer=key).json["documents_due"] == due
    assert accept(again, NOW).json["code"] == "document_not_current"
    assert accept(again).status == 204

    assert again.create_key().status == 201
    for told in (again.send("GET", "/whoami"), Person().send("GET", "/whoami", bearer=key)):
        assert told.json["documents_due"] == []
    terms = again.send("GET", "/documents/accepted").json["data"]
    assert [each["version"] for each in terms if each["document"] == "terms"] == [
        "2026-12-01",
        "2026-11-01",
    ]


def test_whoever_must_accept_may_still_leave_and_step_up(
    clock: ManualClock, new_terms: Any, aws: Stage
) -> None:
    user = become_user(Person())
    new_terms()
    days_until_effective(clock)
    user.sign_in()

    assert user.send("POST", "/step-up", body={"password": user.password}).status == 200
    assert user.send("DELETE", "/sessions").status == 200
    assert user.send("POST", "/sign-out").status == 204


def test_an_owner_s_acceptance_reaches_the_organization_s_keys_and_a_member_s_does_not(
    clock: ManualClock, new_terms: Any, aws: Stage
) -> None:
    organization = Organization(signed_in("ada@example.com"))
    grace = organization.take_in(signed_in("grace@example.com"))
    key = organization.send("POST", "/keys", body={"name": "ci"}).json["secret"]
    new_terms()

    def is_due() -> bool:
        forget_cached()
        return bool(Person().send("GET", "/whoami", bearer=key).json["documents_due"])

    assert is_due()
    assert accept(grace).status == 204
    assert is_due()
    assert accept(organization.owner).status == 204
    assert not is_due()


def test_a_member_who_has_not_accepted_may_only_read_in_the_organization(
    clock: ManualClock, new_terms: Any, aws: Stage
) -> None:
    organization = Organization(signed_in("ada@example.com"))
    new_terms()
    days_until_effective(clock)
    grace = signed_in("grace@example.com")

    renamed = organization.owner.sign_in()
    assert renamed.status == 200
    refused = organization.send("PATCH", "/account", body={"name": "Other"})
    assert refused.json["code"] == "documents_due"
    assert organization.send("GET", "/members").status == 200
    assert grace.create_key().json["code"] == "documents_due"


def test_where_the_process_dies_after_the_acceptance_the_follow_up_tells_the_keys(
    clock: ManualClock, new_terms: Any, aws: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = become_user(Person())
    key = user.create_key().json["secret"]
    new_terms()
    with monkeypatch.context() as dying:
        dying.setattr(store, "tell_keys", lambda user, accepted: None)
        assert accept(user).status == 204
    forget_cached()
    assert Person().send("GET", "/whoami", bearer=key).json["documents_due"]

    followups.handler(records(aws), events.Context())
    forget_cached()

    assert Person().send("GET", "/whoami", bearer=key).json["documents_due"] == []
    assert "accepted" in mails_to(user.email)[-1]


def test_a_credential_from_before_acceptances_were_kept_counts_as_the_first_version() -> None:
    assert documents.due({}) == []
