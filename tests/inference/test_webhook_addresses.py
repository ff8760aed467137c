"""Webhooks that would lead inside: however the address is disguised, no connection is made."""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from functions.inference.webhooks import address
from functions.inference.webhooks.sender import Letter, Outcome, Sender
from functions.inference.webhooks.target import Target, parse
from sluice.errors import InvalidInput

METADATA = "169.254.169.254"

DISGUISES = [
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/",  # decimal
    "https://0xa9fea9fe/",
    "https://0xa9.0xfe.0xa9.0xfe/",
    "https://0251.0376.0251.0376/",
    "https://0251.254.0xa9.254/",  # mixed
    "https://169.254.43518/",  # short
    "https://169.16689662/",
    "https://000169.254.169.254/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
    "https://[64:ff9b::a9fe:a9fe]/",  # NAT64
    "https://[2002:a9fe:a9fe::1]/",  # 6to4
    "https://[::169.254.169.254]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://①⑥⑨.②⑤④.①⑥⑨.②⑤④/",
    "https://169。254。169。254/",
    "https://169.254.169.254./",
    "https://metadata./",
    "https://hooks.example.com./",
    "https://hooks.example.com@169.254.169.254/",
    "https://169.254.169.254:80@hooks.example.com/",
    "https://hooks.example.com\\@169.254.169.254/",
    "https://169.254.169.254\\.example.com/",
    "https://169.254.169.254#.example.com/",
    "https://169.254.169.254%2f.example.com/",
    "https://169.254.169.254\t.example.com/",
    "https://%31%36%39.254.169.254/",
    "https:169.254.169.254/",
    "https:///169.254.169.254/",
    "https://hooks.example.com:22/",
    "https://hooks.example.com:0443/x y",
    "http://hooks.example.com/",
    "gopher://169.254.169.254/",
    "file:///etc/passwd",
    "https://localhost/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://127.1/",
    "https://0/",
    "https://instance-data/",
    "https://hooks.example.com/\r\nHost: 169.254.169.254",
    " https://hooks.example.com/",
    "https://",
    "",
]

NOT_PUBLIC = [
    METADATA,
    "169.254.170.2",
    "127.0.0.1",
    "0.0.0.0",  # noqa: S104  # an address that is refused
    "10.1.2.3",
    "100.64.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:169.254.169.254",
    "::169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]

type Answers = list[str]


class Internet:
    """Names and their addresses; whatever would be connected to is counted and not reached."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: dict[str, Callable[[], Answers]] = {}
        self.asked: list[str] = []
        self.connected: list[Any] = []
        monkeypatch.setattr(socket, "getaddrinfo", self._resolve)
        monkeypatch.setattr(socket.socket, "connect", self._connect)

    def _resolve(self, host: str, port: int, *unused: Any, **more: Any) -> list[Any]:
        self.asked.append(host)
        found = self.names[host]() if host in self.names else [host]
        return [self._entry(one, port) for one in found]

    def _entry(self, one: str, port: int) -> Any:
        try:
            version = ipaddress.ip_address(one).version
        except ValueError:
            raise socket.gaierror(socket.EAI_NONAME, "unknown") from None
        if version == 6:
            return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (one, port, 0, 0))
        return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))

    def _connect(self, place: Any) -> None:
        self.connected.append(place)
        raise ConnectionRefusedError

    def has(self, name: str, *rounds: Answers) -> None:
        """A name whose answers change from one question to the next; the last one stays."""
        left = list(rounds)
        self.names[name] = lambda: left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture
def internet(variables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    with monkeypatch.context() as patched:
        yield Internet(patched)


def post(url: str) -> Outcome:
    (outcome,) = Sender().post([Letter(url, {}, b"{}")])
    return outcome


@pytest.mark.parametrize("url", DISGUISES)
def test_a_disguise_is_refused_before_any_name_is_asked_for(internet: Internet, url: str) -> None:
    with pytest.raises(InvalidInput, match=r".") as refusal:
        parse(url)
    outcome = post(url)

    assert refusal.value.machine_code == "invalid_webhook_url"
    assert outcome.error == "invalid_url"
    assert (internet.asked, internet.connected) == ([], [])


@pytest.mark.parametrize("place", NOT_PUBLIC)
def test_a_name_that_leads_inside_is_connected_to_nowhere(internet: Internet, place: str) -> None:
    internet.has("hooks.example.com", [place])

    outcome = post("https://hooks.example.com/")

    assert outcome.error == "forbidden_address"
    assert internet.connected == []


@pytest.mark.parametrize("place", NOT_PUBLIC)
def test_one_address_inside_among_public_ones_spoils_them_all(
    internet: Internet, place: str
) -> None:
    internet.has("hooks.example.com", ["93.184.215.14", place])

    outcome = post("https://hooks.example.com/")

    assert outcome.error == "forbidden_address"
    assert internet.connected == []


def test_a_name_that_changes_after_the_check_is_connected_to_where_it_was_checked(
    internet: Internet,
) -> None:
    internet.has("hooks.example.com", ["93.184.215.14"], [METADATA])

    first, second = post("https://hooks.example.com/"), post("https://hooks.example.com/")

    assert first.error == "connection_failed"
    assert internet.connected == [("93.184.215.14", 443)]
    assert second.error == "forbidden_address", "each attempt asks and checks anew"
    assert internet.asked.count("hooks.example.com") == 2


@pytest.mark.parametrize("place", ["93.184.215.14", "8.8.8.8", "2606:4700::6810:84e5"])
def test_public_addresses_are_connected_to(internet: Internet, place: str) -> None:
    internet.has("hooks.example.com", [place])

    post("https://hooks.example.com/")

    assert [one[0] for one in internet.connected] == [place]


def test_a_name_with_very_many_addresses_is_not_tried(internet: Internet) -> None:
    internet.has("hooks.example.com", [f"93.184.215.{last}" for last in range(17)])

    outcome = post("https://hooks.example.com/")

    assert (outcome.error, internet.connected) == ("name_not_resolved", [])


def test_a_proxy_in_the_environment_is_not_asked(
    internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{METADATA}:3128")
    internet.has("hooks.example.com", ["93.184.215.14"])

    post("https://hooks.example.com/")

    assert [one[0] for one in internet.connected] == ["93.184.215.14"]


@pytest.mark.parametrize("host", ["hooks.example.com", "xn--bcher-kva.example", "a.b-c.d.museum"])
def test_ordinary_names_are_taken_as_they_are(variables: None, host: str) -> None:
    assert parse(f"HTTPS://{host.upper()}?x=1") == Target("https", host, 443, "/?x=1")
    assert parse(f"https://{host}:443/a/b?c=d&e=%20").authority == host


@pytest.mark.parametrize("block", address._DENIED)  # noqa: SLF001  # the table itself is meant
def test_every_denied_block_is_denied_to_its_ends(block: ipaddress.IPv4Network) -> None:
    assert not address.is_public(block[0])
    assert not address.is_public(block[-1])


class TestOnALaptop:
    @pytest.fixture(autouse=True)
    def loopback(self, variables: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WEBHOOKS_REACH_LOOPBACK", "1")

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
    def test_loopback_is_reached_on_any_port(self, host: str) -> None:
        assert parse(f"http://{host}:8500/x") == Target("http", host, 8500, "/x")

    @pytest.mark.parametrize(
        "url",
        ["http://example.com/", "http://169.254.169.254/", "https://127.0.0.2/", "http://0/"],
    )
    def test_and_nothing_else_inside(self, url: str) -> None:
        with pytest.raises(InvalidInput):
            parse(url)

    def test_a_name_that_leads_to_loopback_is_still_refused(self, internet: Internet) -> None:
        internet.has("hooks.example.com", ["127.0.0.1"])
        internet.has("localhost", [METADATA])

        named, other = post("https://hooks.example.com/"), post("http://localhost:80/")

        assert (named.error, other.error) == ("forbidden_address", "forbidden_address")
        assert internet.connected == []
