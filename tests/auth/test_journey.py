"""From nothing to the first call with a key."""

from tests.auth.conftest import Person


def test_a_person_signs_up_verifies_signs_in_and_makes_a_key(ada: Person) -> None:
    signed_up = ada.sign_up()
    verified = ada.verify()
    signed_in = ada.sign_in()
    created = ada.create_key()

    answers = (signed_up, verified, signed_in, created)
    assert [answer.status for answer in answers] == [201, 200, 200, 201], answers
    who = Person().send("GET", "/whoami", bearer=created.json["secret"]).json
    assert who == {
        "kind": "key",
        "credential": created.json["id"],
        "user": verified.json["user"],
        "account": verified.json["account"],
        "role": None,
        "scopes": ["billing:read", "content:read", "inference", "inference:read"],
        "models": None,
        "networks": [],
        "budget": None,
        "member_budget": None,
        "rate_per_minute": None,
        "documents_due": [],
        "expires_at": None,
    }
