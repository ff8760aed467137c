"""A taken port says so, by whom, and what to do."""

import os
import socket

import pytest

from local.ports import Ports, PortTaken, check_free, find_free
from tests.local.conftest import free_port


def test_the_parts_take_the_ports_above_the_front_s() -> None:
    ports = Ports(8400)

    assert list(ports.all().values()) == list(range(8400, 8406))


def first_of_free_ports() -> int:
    return find_free(range(free_port() - 200, 65_000)).front


@pytest.mark.parametrize("part", ["front", "emulator", "models", "moderation"])
def test_a_taken_port_names_who_has_it(part: str) -> None:
    before = list(Ports(0).all()).index(part)
    with socket.socket() as taken:
        front = first_of_free_ports()
        port = front + before
        taken.bind(("127.0.0.1", port))
        taken.listen()

        with pytest.raises(PortTaken) as refusal:
            check_free(Ports(front))

    said = str(refusal.value)
    assert f"port {port} ({part}) is taken by " in said
    assert f"(pid {os.getpid()})" in said
    assert "SLUICE_PORT=" in said


def test_the_first_free_ports_are_found_or_the_last_refusal_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]

        found = find_free(range(port, port + 40, 20))
        with pytest.raises(PortTaken, match=f"port {port} "):
            find_free(range(port - 1, port + 1))

    assert found == Ports(port + 20)
