"""This machine's own authority: made once, trusted where it is named, its key private."""

import socket
import ssl
import threading
from pathlib import Path

import pytest

from local import certificate
from local.home import Home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("home"))
    certificate.ensure(home)
    return home


def shake_hands(home: Home, trusting: ssl.SSLContext, name: str) -> None:
    """A TLS handshake over a pair of sockets; raises what the client finds wrong."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(home.tls / "cert.pem", home.tls / "key.pem")
    here, there = socket.socketpair()

    def answer() -> None:
        with there:
            try:
                server.wrap_socket(there, server_side=True).close()
            except OSError:
                return  # the client said why

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        with here:
            trusting.wrap_socket(here, server_hostname=name).close()
    finally:
        thread.join()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_who_trusts_the_authority_trusts_the_emulator(home: Home, name: str) -> None:
    shake_hands(home, ssl.create_default_context(cafile=home.tls / "ca.pem"), name)


def test_nobody_else_is_asked_to(home: Home) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(home, ssl.create_default_context(), "localhost")


def test_it_is_made_once_and_its_key_is_private(home: Home) -> None:
    files = {path: path.read_bytes() for path in home.tls.iterdir()}

    certificate.ensure(home)

    assert {path: path.read_bytes() for path in Path(home.tls).iterdir()} == files
    assert (home.tls / "key.pem").stat().st_mode & 0o077 == 0
