"""The public HTTP API as a person's program would call it."""

import re
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx

CODE: Final = re.compile(r"\b\d{6,10}\b")
TIMEOUT_S: Final = 60
MAIL_WAIT_S: Final = 30
GRANT_WAIT_S: Final = 60
POLL_S: Final = 0.5


class Refused(Exception):
    """The API said no; the message is its own."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(
            f"{answer.request.method} {answer.request.url}: {answer.status_code} "
            f"{answer.text[:500]}"
        )
        self.status = answer.status_code


class Client:
    """One origin, one credential: a key, or the session that `sign_in` left in the cookies."""

    def __init__(
        self, url: str, key: str | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=TIMEOUT_S,
            transport=transport,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    @property
    def session(self) -> str:
        """What a browser sends as `Cookie` once signed in; empty before."""
        return str(self._http.headers.get("Cookie", ""))

    def send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The answer, whatever it is."""
        return self._http.request(method, path, json=body, headers=headers)

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """The answer's JSON (None for an empty one); raises Refused for 4xx and 5xx."""
        answer = self.send(method, path, body, headers)
        if answer.is_error:
            raise Refused(answer)
        return answer.json() if answer.content else None

    def is_welcome(self) -> bool:
        """Whether the credential is live."""
        return self.send("GET", "/v1/auth/whoami").is_success

    def download(self, url: str) -> bytes:
        """Follows the redirect of a result link."""
        answer = self._http.get(url, follow_redirects=True, headers={"Authorization": ""})
        if answer.is_error:
            raise Refused(answer)
        return answer.content

    def current_documents(self) -> dict[str, str]:
        """By name, the versions that sign-up accepts."""
        listed = self.call("GET", "/v1/auth/documents")["data"]
        return {each["document"]: each["version"] for each in listed}

    def ask_to_sign_up(self, email: str, password: str) -> None:
        """The first half: a code goes to the mailbox."""
        body = {
            "email": email,
            "password": password,
            "attestation": {"age_or_authority": True},
            "accept": self.current_documents(),
        }
        self.call("POST", "/v1/auth/sign-up", body)

    def sign_up(self, email: str, password: str) -> None:
        """Sign up, read the code from the mailbox, verify."""
        self.ask_to_sign_up(email, password)
        self.call("POST", "/v1/auth/verify", {"email": email, "code": self._mailed_code(email)})

    def sign_in(self, email: str, password: str) -> None:
        """The session cookie is `Secure`; this client speaks plain HTTP to loopback, which browsers
        count as secure and http.cookiejar does not."""
        credentials = {"email": email, "password": password}
        answer = self.send("POST", "/v1/auth/sign-in", credentials)
        if answer.is_error:
            raise Refused(answer)
        session = answer.headers["set-cookie"].partition(";")[0]
        self._http.headers["Cookie"] = session

    def _mailed_code(self, email: str) -> str:
        until = time.monotonic() + MAIL_WAIT_S
        while time.monotonic() < until:
            for mail in self.call("GET", "/_local/mail.json"):
                found = CODE.search(mail["text"])
                if email in mail["to"] and found:
                    return found[0]
            time.sleep(POLL_S)
        raise TimeoutError(
            f"no mail with a code came for {email}; an address that has an account gets none "
            "(`make reset` forgets all accounts)"
        )

    def wait_for_credit(self) -> Mapping[str, Any]:
        """The balance once the free grant has come."""
        until = time.monotonic() + GRANT_WAIT_S
        while time.monotonic() < until:
            balance: Mapping[str, Any] = self.call("GET", "/v1/billing/balance")
            if int(balance["available"]["nanos"]) > 0:
                return balance
            time.sleep(POLL_S)
        raise TimeoutError(f"the free grant did not come within {GRANT_WAIT_S} s")
