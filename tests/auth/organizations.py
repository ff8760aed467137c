"""People who are signed in, and the organizations that they make."""

import re
from typing import Any

from functions.auth.sessions import opening
from functions.auth.users import store as users
from sluice.principal import SESSION_COOKIE
from tests.auth.conftest import Person, mails_to
from tests.auth.seeds import HERE, verified
from tests.events import Answer

TOKEN = re.compile(r"(?<![\w-])[\w-]{32}(?![\w-])")


def signed_in(email: str) -> Person:
    """A user with a session, without having typed a password."""
    user = users.get(verified(email).user)
    session = opening.open_for(user, lambda now: None, None, HERE)
    return Person(email, cookies={SESSION_COOKIE: session.token})


class Organization:
    """`owner`'s, whom every request is sent by unless it says otherwise."""

    def __init__(self, owner: Person, **changes: Any) -> None:
        made = owner.send("POST", "/organizations", body={"name": "Engines"} | changes)
        assert made.status == 201, made.json
        self.owner, self.id = owner, made.json["id"]

    def send(self, method: str, path: str, by: Person | None = None, **parts: Any) -> Answer:
        named = {"Sluice-Account": self.id}
        return (by or self.owner).send(method, path, headers=named, **parts)

    def invite(self, email: str, role: str = "developer", by: Person | None = None) -> Answer:
        return self.send("POST", "/invitations", by, body={"email": email, "role": role})

    def take_in(self, person: Person, role: str = "developer") -> Person:
        assert self.invite(person.email, role).status == 201
        assert accept(person).status == 201
        return person

    def roles(self) -> dict[str, str]:
        members = self.send("GET", "/members").json["data"]
        return {member["email"]: member["role"] for member in members}


def token_for(email: str) -> str:
    found = TOKEN.search(mails_to(email)[-1])
    assert found
    return found.group()


def accept(person: Person, token: str | None = None) -> Answer:
    token = token or token_for(person.email)
    return person.send("POST", "/invitations/accept", body={"token": token})


def user_of(person: Person) -> str:
    return str(person.send("GET", "/whoami").json["user"])
