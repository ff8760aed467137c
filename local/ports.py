"""The platform's ports: the front's, chosen by SLUICE_PORT, and the parts' right above it."""

import contextlib
import socket
from dataclasses import dataclass
from typing import Final

import psutil

DEFAULT: Final = 8400
CHOICE: Final = range(1024, 65_500)
LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    front: int

    @property
    def emulator(self) -> int:
        return self.front + 1

    @property
    def models(self) -> int:
        return self.front + 2

    @property
    def moderation(self) -> int:
        return self.front + 3

    @property
    def google(self) -> int:
        return self.front + 4

    @property
    def github(self) -> int:
        return self.front + 5

    def all(self) -> dict[str, int]:
        return {
            "front": self.front,
            "emulator": self.emulator,
            "models": self.models,
            "moderation": self.moderation,
            "google": self.google,
            "github": self.github,
        }


class PortTaken(Exception):
    """Somebody else listens there; the message says who, and what to do."""


def check_free(ports: Ports) -> None:
    """Raises PortTaken when a port cannot be had."""
    for part, port in ports.all().items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError as error:
                raise PortTaken(
                    f"port {port} ({part}) is taken{_by_whom(port)}; stop that, or choose others: "
                    f"make up SLUICE_PORT={ports.front + 20}"
                ) from error


def find_free(candidates: range) -> Ports:
    """The first of the front's ports that is free with those above it; raises PortTaken."""
    for port in candidates[:-1]:
        with contextlib.suppress(PortTaken):
            check_free(Ports(port))
            return Ports(port)
    check_free(Ports(candidates[-1]))
    return Ports(candidates[-1])


def _by_whom(port: int) -> str:
    """` by name (pid)`, as far as this user may know."""
    try:
        listening = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return ""
    for connection in listening:
        address = connection.laddr
        if connection.status == psutil.CONN_LISTEN and address and address.port == port:
            return f" by {_name(connection.pid)}"
    return ""


def _name(pid: int | None) -> str:
    if pid is None:
        return "another user's process"
    try:
        return f"{psutil.Process(pid).name()} (pid {pid})"
    except psutil.Error:
        return f"pid {pid}"
