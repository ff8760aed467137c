"""Google and GitHub as they are documented, answering what a test wants them to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
import respx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from sluice import clock
from tests.auth.conftest import Person
from tests.events import Answer

ISSUER: Final = "https://accounts.example"
GITHUB: Final = "https://github.example"
API: Final = "https://api.github.example"
CONFIGURED: Final = json.dumps(
    [
        {
            "id": "google",
            "name": "Google",
            "kind": "oidc",
            "client_id": "us",
            "secret_id": "sluice-test-root",
            "url": ISSUER,
        },
        {
            "id": "github",
            "name": "GitHub",
            "kind": "github",
            "client_id": "us",
            "secret_id": "sluice-test-root",
            "url": GITHUB,
            "api": API,
        },
    ]
)
ENDPOINTS: Final = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}


@dataclass
class Providers:
    """Whoever signs in next at them, and how they misbehave."""

    subject: str = "1"
    email: str | None = "ada@example.com"
    verified: bool = True
    claims: dict[str, Any] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    nonce: str = ""
    issuer: str = ISSUER
    down: str = ""
    exchanged: list[dict[str, str]] = field(default_factory=list)

    def mount(self, router: respx.Router) -> None:
        found = f"{ISSUER}/.well-known/openid-configuration"
        router.get(found).mock(side_effect=self._about)
        router.get(ENDPOINTS["jwks_uri"]).mock(side_effect=self._keys)
        router.post(ENDPOINTS["token_endpoint"]).mock(side_effect=self._token)
        router.post(f"{GITHUB}/login/oauth/access_token").mock(side_effect=self._github_token)
        router.get(f"{API}/user").mock(side_effect=self._user)
        router.get(f"{API}/user/emails").mock(side_effect=self._emails)

    def _about(self, _request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=ENDPOINTS | {"issuer": self.issuer})

    def _keys(self, request: httpx.Request) -> httpx.Response:
        if str(request.url) == self.down:
            return httpx.Response(503)
        return httpx.Response(200, json=dict(KeySet([self.key]).as_dict(private=False)))

    def _token(self, request: httpx.Request) -> httpx.Response:
        if str(request.url) == self.down:
            return httpx.Response(503)
        self._exchange(request)
        now_s = clock.now_s()
        said: dict[str, Any] = {
            "iss": ISSUER,
            "aud": "us",
            "sub": self.subject,
            "nonce": self.nonce,
        }
        said |= {"iat": now_s, "exp": now_s + 300, "auth_time": now_s}
        said |= {"email": self.email, "email_verified": self.verified} | self.claims
        token = jwt.encode({"alg": "ES256", "kid": self.key.kid}, said, self.key)
        answer = {"access_token": "a", "token_type": "Bearer", "id_token": token}
        return httpx.Response(200, json=answer)

    def _exchange(self, request: httpx.Request) -> None:
        given = {name: each[0] for name, each in parse_qs(request.content.decode()).items()}
        self.exchanged.append(given)

    def _github_token(self, request: httpx.Request) -> httpx.Response:
        self._exchange(request)
        if self.exchanged[-1]["code"] == "bad":
            return httpx.Response(200, json={"error": "bad_verification_code"})
        return httpx.Response(200, json={"access_token": "a", "token_type": "bearer"})

    def _user(self, _request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"id": int(self.subject), "login": "ada", "email": None})

    def _emails(self, _request: httpx.Request) -> httpx.Response:
        if self.email is None:
            return httpx.Response(200, json=[])
        first = {"email": "other@example.com", "primary": False, "verified": True}
        primary = {"email": self.email, "primary": True, "verified": self.verified}
        return httpx.Response(200, json=[first, primary])

    def go(
        self, person: Person, provider: str = "google", *, path: str = "start", **body: Any
    ) -> Answer:
        """There and back again: the answer of the callback."""
        return self.come_back(person, self.leave(person, provider, path=path, **body), provider)

    def leave(
        self, person: Person, provider: str = "google", *, path: str = "start", **body: Any
    ) -> Mapping[str, str]:
        """The query with which the browser arrives at the provider."""
        started = person.send("POST", f"/providers/{provider}/{path}", body=body)
        assert started.status == 201, started.json
        query = parse_qs(urlsplit(started.json["url"]).query)
        asked = {name: each[0] for name, each in query.items()}
        self.nonce = asked.get("nonce", "")
        return asked

    def come_back(
        self, person: Person, asked: Mapping[str, str], provider: str = "google", **query: str
    ) -> Answer:
        answer = {"code": "good", "state": asked["state"]} | query
        return person.send("GET", f"/providers/{provider}/callback", query=answer)


def sign_up(person: Person) -> Answer:
    registration = person.registration()
    body = {name: registration[name] for name in ("attestation", "accept")}
    return person.send("POST", "/providers/sign-up", body=body)


def location(answer: Answer) -> str:
    assert answer.status == 303, answer
    return answer.headers["location"]


def error_of(answer: Answer) -> str:
    path, _, query = location(answer).partition("?")
    assert path == "/sign-in", path
    return parse_qs(query).get("error", [""])[0]
