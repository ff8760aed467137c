"""Every route, asked by everybody: nobody gets in where the rules do not let them, and whoever they
let in is not kept out."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pytest
import requests

from functions.auth.sessions import store as sessions
from functions.auth.sessions.freshness import FRESH_MS
from functions.auth.users import store as users
from ops.openapi import describe
from sluice import clock, ids
from sluice.permissions import KEY_SCOPES, PERMISSIONS, ROLES, of_role
from sluice.principal import SESSION_COOKIE, credential_pk, forget_cached, new_session_token
from sluice.table import Table, Transaction
from tests.contract import gateway
from tests.contract.asker import within
from tests.contract.rules import COMES_WITH, FORMS, FRESH, RULES, WHILE_LIMITED, Rule
from tests.inference.platform import Platform
from tests.seeds import give_credit, give_key

ORGANIZATION: Final = "acc_organization"
READING: Final = ("GET",)
LIMITED: Final = "account_suspended"


@dataclass(frozen=True, slots=True)
class Caller:
    """`headers` are made anew for each request, since some requests end whoever asks."""

    headers: Callable[[], dict[str, str]]
    expected: Callable[[str, Rule], str | None]
    """What a route must refuse with: a code, or None where it must let the caller in."""


class Callers:
    def __init__(self, platform: Platform) -> None:
        self.platform, self.stage = platform, platform.stage
        self.table = Table(self.stage.table("accounts"))
        for account in (ORGANIZATION, "acc_owner"):
            give_credit(self.stage, account, bought_nanos=10**12)
        for name in (*ROLES, "stranger"):
            self._user(name)

    def _user(self, name: str) -> None:
        for item in (
            {"pk": f"USER#usr_{name}", "sk": "USER", "id": f"usr_{name}", "revision": 0}
            | {"account": f"acc_{name}", "email": f"{name}@example.com"},
            self._account(f"acc_{name}", f"usr_{name}") | {"kind": "personal"},
        ):
            self.table.put(item).send()

    def _account(self, account: str, owner: str) -> dict[str, Any]:
        return {"pk": f"ACCOUNT#{account}", "sk": "ACCOUNT", "id": account, "owner": owner} | {
            "kind": "organization",
            "name": "Engines",
            "members": len(ROLES),
            "epoch": 0,
            "keys": 0,
            "created_ms": 0,
        }

    def reset(self, **facts: Any) -> None:
        """The organization as it was, whatever the last request did to it."""
        self.table.put(self._account(ORGANIZATION, "usr_owner") | facts).send()
        self.table.put(self._account("acc_owner", "usr_owner") | {"kind": "personal"}).send()
        for role in ROLES:
            for pk, sk in (
                (f"MEMBERS#{ORGANIZATION}", f"USER#usr_{role}"),
                (f"USER#usr_{role}", f"MEMBER#{ORGANIZATION}"),
            ):
                item = {"pk": pk, "sk": sk, "role": role, "account": ORGANIZATION, "since_ms": 0}
                self.table.put(
                    item | {"user": f"usr_{role}", "email": f"{role}@example.com"}
                ).send()
        forget_cached()

    def session(self, name: str, *, acting: bool = True, **changes: Any) -> dict[str, str]:
        """The headers of a new session's browser."""
        new = sessions.NewSession(ids.new("ses"), new_session_token(), "unknown", "unknown")
        user = users.get(f"usr_{name}")
        account = sessions.get_account(user["account"])
        Transaction().add(*sessions.open_(new, user, account)).commit()
        if changes:
            self.table.update(credential_pk("SESSION", new.token), "SESSION", set_=changes).send()
        named = {"Sluice-Account": ORGANIZATION} if acting else {}
        return {"Cookie": f"{SESSION_COOKIE}={new.token}"} | named

    def key(self, scopes: frozenset[str], **changes: Any) -> dict[str, str]:
        secret = give_key(self.stage, ORGANIZATION, scopes=scopes)
        if changes:
            self.table.update(credential_pk("KEY", secret), "KEY", set_=changes).send()
        return {"Authorization": f"Bearer {secret}"}

    def who(self) -> Iterator[tuple[str, Caller]]:
        yield "nobody", Caller(dict, _if_private("unauthenticated"))
        yield (
            "revoked key",
            Caller(lambda: self.key(KEY_SCOPES, state="revoked"), _if_private("unauthenticated")),
        )
        for scope in sorted(KEY_SCOPES):
            held = frozenset({scope, *COMES_WITH.get(scope, ())})
            yield (
                f"key for {scope}",
                Caller(partial(self.key, frozenset({scope})), _needs(held)),
            )
        yield (
            "suspended key",
            Caller(lambda: self.key(KEY_SCOPES, limited=LIMITED), _if_limited(_needs(KEY_SCOPES))),
        )
        for role in ROLES:
            yield (
                role,
                Caller(partial(self.session, role), _needs(of_role(role), of_role("owner"))),
            )
        yield "stranger", Caller(lambda: self.session("stranger"), _unless_own("not_found"))
        yield (
            "suspended",
            Caller(
                lambda: self.session("owner", acting=False, limited=LIMITED),
                _if_limited(_needs(frozenset(PERMISSIONS))),
            ),
        )
        yield (
            "stale session",
            Caller(
                lambda: self.session(
                    "owner", acting=False, authenticated_ms=clock.now_ms() - FRESH_MS - 60_000
                ),
                lambda route, rule: "step_up_required" if route in FRESH else None,
            ),
        )


def _if_private(code: str) -> Callable[[str, Rule], str | None]:
    return lambda route, rule: None if rule.permissions is None else code


def _needs(
    held: frozenset[str], own: frozenset[str] | None = None
) -> Callable[[str, Rule], str | None]:
    """`own` is held in one's own matters."""

    def expected(route: str, rule: Rule) -> str | None:
        has = own if rule.is_own_matter and own is not None else held
        return None if rule.permissions is None or rule.permissions <= has else "forbidden"

    return expected


def _if_limited(
    otherwise: Callable[[str, Rule], str | None],
) -> Callable[[str, Rule], str | None]:
    def expected(route: str, rule: Rule) -> str | None:
        changes = not route.startswith(READING) and route not in WHILE_LIMITED
        return LIMITED if changes and rule.permissions else otherwise(route, rule)

    return expected


def _unless_own(code: str) -> Callable[[str, Rule], str | None]:
    return lambda route, rule: None if rule.permissions is None or rule.is_own_matter else code


OPENAI_S_UNAUTHENTICATED: Final = "invalid_api_key"
REFUSALS: Final = ("unauthenticated", "forbidden", LIMITED, "step_up_required")
ASKING: Final = (
    *("nobody", "revoked key", *(f"key for {scope}" for scope in sorted(KEY_SCOPES))),
    *("suspended key", *ROLES, "stranger", "suspended", "stale session"),
)


@pytest.fixture
def callers(platform: Platform) -> Callers:
    return Callers(platform)


def ask(
    platform: Platform, route: str, headers: dict[str, str], body: Any = None
) -> requests.Response:
    method, _, path = route.partition(" ")
    names = path.replace("{", "").replace("}", "")
    parts: Any = {"json": body or {}} if method in {"POST", "PATCH"} else {}
    if path.endswith(FORMS):
        parts = {"files": {"nothing": ("nothing.txt", b"")}}
    client = gateway.session(within(platform), headers)
    return client.request(method, gateway.URL + names, allow_redirects=False, **parts)


def code_of(answer: requests.Response) -> str | None:
    """What it was refused with, in whichever family's shape."""
    try:
        body = answer.json()
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    parts = (body, body.get("error"), body.get("metadata"))
    found = [part.get("code") for part in parts if isinstance(part, dict)]
    code = next((code for code in found if isinstance(code, str)), None)
    return "unauthenticated" if code == OPENAI_S_UNAUTHENTICATED else code


def test_the_rules_name_every_route_and_no_other() -> None:
    routes = {
        f"{method.upper()} {path}"
        for path, methods in json.loads(describe())["paths"].items()
        for method in methods
    }

    assert routes == set(RULES)
    assert set(FRESH | WHILE_LIMITED) <= routes


@pytest.mark.parametrize("name", ASKING)
def test_every_route_lets_in_whom_the_rules_let_in(name: str, callers: Callers) -> None:
    caller = dict(callers.who())[name]
    wrong = []
    for route, rule in RULES.items():
        callers.reset()
        answer = ask(callers.platform, route, caller.headers())
        code, expected = code_of(answer), caller.expected(route, rule)
        if code != expected if expected else code in REFUSALS:
            wrong.append(f"{route}: {answer.status_code} {code}, not {expected or 'let in'}")

    assert wrong == []


OTHERS_OWN: Final = {"session", "factor", "user", "key", "invitation", "job_id", "upload_id"} | {
    *("webhook_id", "delivery_id")
}
"""What a path may name that belongs to an account or a user; the rest of the names are public."""
PUBLIC_NAMES: Final = {"model", "name", "provider", "document"}


def test_what_belongs_to_others_is_not_found(callers: Callers) -> None:
    """Asked for under its very id, by somebody who may do all in an account of their own."""
    callers.reset()
    theirs = _belongings(callers)
    found = []
    for route, rule in RULES.items():
        named = set(re.findall(r"{(\w+)}", route))
        assert named <= OTHERS_OWN | PUBLIC_NAMES, f"say whose {named} are"
        if not named & theirs.keys() or rule.permissions is None:
            continue
        asked = route
        for name, own in theirs.items():
            asked = asked.replace(f"{{{name}}}", own)
        headers = callers.session("stranger", acting=False)
        fitting = BODIES.get(route, {})
        answer = ask(callers.platform, asked, headers, fitting)
        if answer.status_code != 404:
            found.append(f"{route}: {answer.status_code} {answer.text}")

    assert found == []


BODIES: Final[dict[str, Any]] = {
    "PATCH /v1/auth/members/{user}": {"role": "viewer"},
}


def _belongings(callers: Callers) -> dict[str, str]:
    """Ids of what the organization and its owner have."""

    def make(path: str, body: Any) -> Any:
        answer = ask(callers.platform, f"POST {path}", callers.session("owner"), body)
        assert answer.ok, answer.text
        return answer.json()

    session = callers.session("owner", acting=False)
    opened = ask(callers.platform, "GET /v1/auth/sessions", session).json()["data"][0]["id"]
    job = {"model": "smollm2-135m", "input": {"messages": [{"role": "user", "content": "Hi"}]}}
    upload = {"content_type": "image/png", "size_bytes": 9, "sha256": "0" * 64}
    webhook = {"url": "https://example.com/hook"}
    invitation = {"email": "new@example.com", "role": "viewer"}
    return {
        "session": opened,
        "user": "usr_admin",
        "key": make("/v1/auth/keys", {"name": "ci"})["id"],
        "invitation": make("/v1/auth/invitations", invitation)["id"],
        "job_id": make("/v1/inference/jobs", job)["id"],
        "upload_id": make("/v1/inference/uploads", upload)["id"],
        "webhook_id": make("/v1/inference/webhooks", webhook)["id"],
    }
