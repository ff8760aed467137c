"""What a browser does that HTTP clients do not: loopback is secure to it, so `Secure` cookies go
there; it follows links across origins, and keeps each origin's cookies apart."""

import re
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx

MAX_HOPS: Final = 10
LINK: Final = re.compile(r'href="([^"]+)"')


class Browser:
    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(trust_env=False, timeout=60)
        self._cookies: dict[str, dict[str, str]] = {}

    def send(self, method: str, url: str, body: Any = None, **headers: str) -> httpx.Response:
        """One request, whose redirect is not followed."""
        address = urljoin(self.url, url)
        kept = self._cookies.setdefault(urlsplit(address).netloc, {})
        cookie = "; ".join(f"{name}={value}" for name, value in kept.items())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self._http.request(method, address, json=body, headers=named | {"Cookie": cookie})
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                kept[name] = morsel.value
                if morsel["max-age"] == "0" or not morsel.value:
                    del kept[name]
        return answer

    def visit(self, url: str) -> httpx.Response:
        """Follows redirects until a page is shown, or the product's own page is asked for."""
        for _ in range(MAX_HOPS):
            answer = self.send("GET", url)
            if not answer.is_redirect:
                return answer
            url = urljoin(str(answer.url), answer.headers["location"])
            if self.is_ours(url):
                return answer
        raise AssertionError(f"no end of redirects at {url}")

    def is_ours(self, url: str) -> bool:
        """A page of the product, rather than a route of its API."""
        at = urlsplit(url)
        return at.netloc == urlsplit(self.url).netloc and not at.path.startswith("/v1/")

    def choose(self, page: httpx.Response, person: str) -> str:
        """The address behind a person's link on a provider's page."""
        links = [link.replace("&amp;", "&") for link in LINK.findall(page.text)]
        [found] = [link for link in links if link.endswith(f"person={person}")]
        return str(urljoin(str(page.url), found))
